"""What is written about a moment of truth; its themes and initiatives are ticked, or typed by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.models import fields_for_model

from accounts.company import today
from core.fields import WordsFormField
from core.forms import Form, name_blanks
from core.periods import month_of
from core.stale import SeenField, mark_shown
from customers.models import Tier
from initiatives.choices import LONGEST_CRITERION, Stage
from initiatives.forms.kpis_to_move import ChosenKpis, KpiField
from initiatives.models import Initiative, Moment, MomentTheme, PainPoint

_PLAIN = ("code", "name", "stage", "role", "criterion", "customer_win", "our_win")
_LABELS = {
    "stage": "Where on the customer’s way",
    "role": "As whom the customer meets it",
    "customer_win": "What the customer wins",
    "our_win": "What we win",
}
_HELP = {
    "code": "Short, for addresses and files; it stays as it is.",
    "name": "The situation, in few words: “The first order arrives”.",
    "criterion": "What success means here, in the customer’s own words.",
    "customer_win": "In a sentence.",
    "our_win": "In a sentence.",
}
_LINES = 2  # empty lines to type in
_KNOWN = 500  # that a list to choose from offers


class LinesPicker(forms.SelectMultiple):
    """Reads what is ticked under its name, and lines that are typed under ``NAME_typed``."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """All of them as they were sent, without empty lines."""
        of = data.getlist if hasattr(data, "getlist") else lambda one: list(data.get(one) or ())
        return [text.strip() for text in (*of(name), *of(f"{name}_typed")) if text.strip()]


class LinesField(forms.Field):
    """Several texts, each once."""

    widget = LinesPicker

    def clean(self, value: Any) -> list[Any]:
        """The texts."""
        return list(dict.fromkeys(str(text) for text in value or ()))

    def words(self, text: str) -> str:
        """How a ticked one is called."""
        return text

    def known(self) -> list[tuple[str, str]]:
        """What can be chosen, as (text, what it is)."""
        told = PainPoint.objects.order_by().values_list("theme", flat=True).distinct()
        return [(theme, "") for theme in sorted({*told, *MomentTheme.objects.values_list("theme", flat=True)})[:_KNOWN]]


class InitiativesField(LinesField):
    """Initiatives by title or code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        rows = list(Initiative.objects.order_by("title").only("code", "title", "stage"))
        self._rows = rows
        self._by_code = {row.code: row for row in rows}
        self._by_title: Mapping[str, Initiative] = {row.title.casefold(): row for row in rows}

    def clean(self, value: Any) -> list[Initiative]:
        """The initiatives, each once. Raises ValidationError with the names that none has."""
        texts = super().clean(value)
        found = {text: self._by_code.get(text) or self._by_title.get(text.casefold()) for text in texts}
        if unknown := [text for text, row in found.items() if row is None]:
            names = ", ".join(f"“{text}”" for text in unknown)
            raise ValidationError(f"No initiative is called {names}: choose one of the list, or give its code.")
        return list(dict.fromkeys(row for row in found.values() if row))

    def words(self, text: str) -> str:
        """Its title."""
        row = self._by_code.get(text)
        return row.title if row else text

    def known(self) -> list[tuple[str, str]]:
        """Those that are not over."""
        over = {Stage.DONE, Stage.CANCELLED}
        return [(row.title, row.code) for row in self._rows if row.stage not in over][:_KNOWN]


@dataclass(frozen=True, slots=True)
class Lines:
    """What the page shows of such a field: ticked ones as (value, words), lines to type in, what can be chosen."""

    bound: forms.BoundField
    title: str
    note: str

    @property
    def _texts(self) -> list[str]:
        return [str(text) for text in self.bound.value() or ()]

    @property
    def ticked(self) -> list[tuple[str, str]]:
        """Those that are there; where the field was refused, what was typed stays in its line."""
        field = self._field
        return [(text, field.words(text)) for text in self._texts if not self._is_wrong(text)]

    @property
    def lines(self) -> list[str]:
        """What no row is called, as it was typed, and empty ones."""
        return [*(text for text in self._texts if self._is_wrong(text)), *[""] * _LINES]

    @property
    def known(self) -> list[tuple[str, str]]:
        """What can be chosen while typing."""
        return self._field.known()

    @property
    def _field(self) -> LinesField:
        field = self.bound.field
        assert isinstance(field, LinesField)  # noqa: S101 - for the type checker
        return field

    def _is_wrong(self, text: str) -> bool:
        try:
            self._field.clean([text])
        except ValidationError:
            return True
        return False


class CriterionForm(Form):
    """What success means, in the customer's own words."""

    seen = SeenField()
    criterion = WordsFormField(
        required=False,
        max_length=LONGEST_CRITERION,
        label="What success means here, in the customer’s own words",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As a customer would say it: “I know on the same day when my order comes.”",
    )

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"criterion": self.cleaned_data["criterion"]}


class MomentForm(Form):
    """All that is written about a moment."""

    seen = SeenField()

    def __init__(self, data: Any = None, *, instance: Moment | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.instance = instance
        fields: Any = fields_for_model(Moment, fields=_PLAIN, labels=_LABELS, help_texts=_HELP)
        self.fields.update(fields)
        if instance is not None:
            del self.fields["code"]
        self.fields["criterion"].widget.attrs["rows"] = 3
        name_blanks(self, stage="Choose one", role="Choose one")
        named = instance.tiers.values("pk") if instance and instance.pk else []
        tiers = Tier.objects.filter(Q(pk__in=Tier.objects.in_use(month_of(today()))) | Q(pk__in=named))
        offered: Any = forms.ModelMultipleChoiceField(tiers, required=False, label="For which tiers")
        offered.widget = forms.CheckboxSelectMultiple(choices=offered.choices)
        offered.help_text = "None ticked: for all."
        self.fields["tiers"] = offered
        self.fields["kpis"] = KpiField(instance, required=False, label="Success metrics")
        self.fields["themes"] = LinesField(required=False, label="Pain themes")
        self.fields["initiatives"] = InitiativesField(required=False, label="Initiatives")

    @property
    def main(self) -> list[forms.BoundField]:
        """What it is."""
        return [self[name] for name in ("code", "name", "stage", "role", "tiers", "criterion") if name in self.fields]

    @property
    def wins(self) -> list[forms.BoundField]:
        """Win and win."""
        return [self["customer_win"], self["our_win"]]

    @property
    def chosen_kpis(self) -> ChosenKpis:
        """The metrics as the page shows them."""
        return ChosenKpis.of(self["kpis"])

    @property
    def lines(self) -> list[Lines]:
        """Themes and initiatives."""
        themes = "Type a theme as customers’ pain is told: its weight puts this moment in its place."
        initiatives = "Type a part of a title and choose; their benefits belong to this moment."
        return [
            Lines(self["themes"], "Which pain it answers", themes),
            Lines(self["initiatives"], "Which initiatives make it go well", initiatives),
        ]

    @property
    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"seen", "why"}}


class MomentProposalForm(MomentForm):
    """The same as an owner proposes it, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = "The steward who decides reads it."
        area = forms.Textarea(attrs={"rows": 3})
        self.fields["why"] = WordsFormField(label="Why", max_length=2_000, widget=area, help_text=words)


def initial_of(moment: Moment) -> dict[str, Any]:
    """The form's values for a moment as it is."""
    plain = {name: getattr(moment, name) for name in _PLAIN if name != "code"}
    lists = moment.lists
    return plain | {
        "seen": mark_shown(moment),
        "tiers": [tier.pk for tier in moment.tiers.all()],
        "kpis": lists["kpis"],
        "themes": lists["themes"],
        "initiatives": lists["initiatives"],
    }
