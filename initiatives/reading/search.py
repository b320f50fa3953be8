"""Initiatives, people and moments of truth as a search finds them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.searching import Found, Search, best_of
from initiatives.choices import CustomerRole, MomentStage, Stage
from initiatives.models import Initiative, Moment
from kpis.models import Kpi

KIND, PERSON, MOMENT = "initiative", "person", "moment of truth"


def find_initiatives(search: Search) -> Iterator[Found]:
    """Those of the register, by title, code and theme, for who may read it: one query."""
    if not _reader(search).has_perm(Right.READ):
        return
    rows = Initiative.objects.order_by().values_list("code", "title", "theme", "stage", "department__name")
    for rank, row in best_of((search.rank(row[1], row[0], row[2]), row[1], row) for row in rows):
        code, title, _, stage, department = row
        detail = " · ".join((code, Stage(stage).label.lower(), department))
        yield Found(KIND, title, detail, reverse("initiative", args=[code]), rank)


def find_people(search: Search) -> Iterator[Found]:
    """People whose names stand on pages that everybody reads, as owners of initiatives or KPIs; administrators find
    the others too, and find people by their addresses: one query.
    """
    reader = _reader(search)
    keeps = reader.has_perm(Right.ADMINISTER)
    if not reader.has_perm(Right.READ):
        return
    runs, measures = (Exists(model.objects.filter(owner=OuterRef("pk"))) for model in (Initiative, Kpi))
    owners = User.objects.annotate(runs=runs, measures=measures)
    found = owners if keeps else owners.filter(Q(runs=True) | Q(measures=True))
    for pk, name, email, *owns in found.order_by().values_list("pk", "name", "email", "runs", "measures"):
        rank = search.rank(name or email, email if keeps or not name else "")
        if rank is not None:
            yield Found(PERSON, name or email, _does(*owns), _address(pk, email, *owns), rank)


def find_moments(search: Search) -> Iterator[Found]:
    """Moments of truth, by name, code and criterion, for who may read them: one query."""
    if not _reader(search).has_perm(Right.READ):
        return
    rows = Moment.objects.order_by().values_list("code", "name", "criterion", "stage", "role")
    for rank, row in best_of((search.rank(row[1], row[0], row[2]), row[1], row) for row in rows):
        code, name, _, stage, role = row
        detail = " · ".join((code, MomentStage(stage).label.lower(), CustomerRole(role).label.lower()))
        yield Found(MOMENT, name, detail, reverse("moment", args=[code]), rank)


def _does(runs: bool, measures: bool) -> str:
    owned = [word for word, is_so in (("initiatives", runs), ("KPIs", measures)) if is_so]
    return f"owns {' and '.join(owned)}" if owned else "owns nothing"


def _address(pk: int, email: str, runs: bool, measures: bool) -> str:
    """What is theirs; of who owns nothing their entry, which administrators alone find."""
    if runs:
        return f"{reverse('initiatives')}?{urlencode({'owner': email})}"
    if measures:
        return f"{reverse('kpis')}?{urlencode({'owner': email})}"
    return reverse("admin:accounts_user_change", args=[pk])


def _reader(search: Search) -> User:
    return search.reader  # type: ignore[return-value]
