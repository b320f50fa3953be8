"""What the list of pain points says at once, whatever filters it."""

from __future__ import annotations

from fractions import Fraction
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Sum
from django.urls import reverse

from core.formatting import counted, number
from core.sentences import Phrase, Sentence
from initiatives.models import PainPoint


def pain_sentence(points: QuerySet[PainPoint]) -> Sentence:
    """``20 % of the weight of 1,637 pain points is “cannot reach a person” (Customer service).`` One query.

    Empty where there is none.
    """
    themes = list(
        points.order_by()
        .values_list("theme", "department__code", "department__name")
        .annotate(weighed=Sum(F("mentions") * F("severity")), points=Count("pk"))
        .order_by("-weighed", "theme", "department__code")
    )
    if not themes:
        return ()
    theme, code, department, weight, _ = themes[0]
    whole = sum(row[3] for row in themes)
    query = urlencode({"theme": theme, "department": code})
    return (
        Phrase(f"{number(Fraction(weight * 100, whole))} % of the weight", url=f"{reverse('pain_points')}?{query}"),
        Phrase(" of "),
        Phrase(counted(sum(row[4] for row in themes), "pain point"), url="#points"),
        Phrase(f" is “{theme}” ({department})."),
    )
