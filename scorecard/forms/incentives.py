"""What people give to write a goal, to approve one, and to decide what could not be measured."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from core.fields import WordsFormField
from core.forms import Form, show_refusal
from core.keys import why_no_code
from core.numbers import NumberError
from core.periods import FiscalCalendar, Period, PeriodError
from core.reader import decimal_sign
from core.texts import plain as plain_text
from core.texts import sentence
from core.typed import plain, read_typed
from customers.choices import TierScope
from customers.models import Tier
from initiatives.models import Initiative
from kpis.models import Kpi
from scorecard.choices import Measure
from scorecard.models import GoalVersion, IncentiveGoal
from scorecard.models.incentives import LONGEST_WHY
from scorecard.rules.incentives import NUMBERS, Draft


class AmountField(forms.CharField):
    """A number as people type it, in the reader's signs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options
        )

    def clean(self, value: Any) -> Decimal | None:
        """The number; None for an empty field that may be so. Raises ValidationError."""
        text = super().clean(value)
        try:
            return read_typed(text, decimal_sign()) if text else None
        except NumberError as error:
            raise ValidationError(sentence(str(error))) from error

    def prepare_value(self, value: Any) -> Any:
        """As the product writes numbers into fields."""
        return plain(value.normalize() + 0) if isinstance(value, Decimal) else value


class GoalForm(Form):
    """A goal: of whom, for which period, measured by what, and what is paid."""

    code = WordsFormField(
        max_length=60, why=why_no_code, help_text="Names the goal in files and addresses: portal-2026-q4."
    )
    people = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="Whose it is",
        required=False,
        help_text="One person, or each of a team. Two people with the same goal are two goals.",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    team_name = WordsFormField(max_length=120, required=False, help_text="Of a team alone.")
    period = WordsFormField(
        help_text="A fiscal quarter or year: 2026-Q4 or 2026.", widget=forms.TextInput(attrs={"maxlength": 7})
    )
    weight = AmountField(label="Weight, in percent", help_text="A person’s goals of a period weigh 100 together.")
    measure = forms.ChoiceField(choices=Measure.choices, label="Measured by")
    kpi = forms.ModelChoiceField(
        Kpi.objects.none(), required=False, label="KPI", empty_label="none", help_text="Of a KPI in a tier alone."
    )
    tier = forms.ModelChoiceField(
        Tier.objects.none(), required=False, empty_label="All customers", help_text="Not where initiatives are named."
    )
    initiatives = forms.ModelMultipleChoiceField(
        Initiative.objects.none(),
        required=False,
        help_text="Where it is measured by initiatives or their benefits.",
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    threshold = AmountField(help_text="Below it nothing is paid (above it, where lower is better).")
    target = AmountField(help_text="At it 100 % are paid.")
    maximum = AmountField(help_text="From it on no more is paid.")
    at_threshold = AmountField(label="Paid at the threshold, in percent")
    at_maximum = AmountField(label="Paid at the maximum, in percent")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, people: list[User], goal: GoalVersion | None = None, **more: Any) -> None:
        super().__init__(data, label_suffix="", **more)
        self.stored = goal
        fields: Any = self.fields
        fields["people"].queryset = User.objects.filter(pk__in=[one.pk for one in people]).order_by("name", "email")
        fields["kpi"].queryset = Kpi.objects.in_matrix_order()
        fields["tier"].queryset = Tier.objects.exclude(scope=TierScope.ALL)
        fields["initiatives"].queryset = Initiative.objects.order_by("code")
        if goal is not None:
            self.initial = {**begin_with(goal), **self.initial}
            for name in ("code", "period"):
                fields[name].widget.attrs["readonly"] = True

    def draft(self, calendar: FiscalCalendar) -> Draft:
        """What was given, for the service."""
        given = self.cleaned_data
        try:
            period = Period.parse(given["period"].strip().upper(), calendar)
        except PeriodError:
            period = None
        people = tuple(given["people"])
        return Draft(
            code=given["code"].strip(),
            period=period,
            members=people,
            team_name=plain_text(given["team_name"]),
            measure=Measure(given["measure"]),
            kpi=given["kpi"],
            tier=given["tier"],
            initiatives=tuple(sorted(one.code for one in given["initiatives"])),
            **{name: given[name] for name in NUMBERS},
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the service refused at its fields."""
        places = {"person": "people", "team": "people", "goal": ""}
        if hasattr(error, "error_dict"):
            found: dict[str, list[str]] = {}
            for name, messages in error.message_dict.items():
                found.setdefault(places.get(name, name), []).extend(messages)
            error = ValidationError({(name or "code"): texts for name, texts in found.items()})
        show_refusal(self, error)


def begin_with(version: GoalVersion) -> dict[str, Any]:
    """What a form begins with that changes a goal: its latest version."""
    goal: IncentiveGoal = version.goal
    return {
        "code": goal.code,
        "people": [member.person_id for member in version.members.all()],
        "team_name": goal.team_name,
        "period": goal.period,
        "measure": version.measure,
        "kpi": version.kpi_id,
        "tier": version.tier_id,
        "initiatives": list(Initiative.objects.filter(code__in=version.initiatives).values_list("pk", flat=True)),
        "seen": version.number,
        **{name: getattr(version, name) for name in NUMBERS},
    }


class WhyForm(Form):
    """A reason: of an approval that comes after its period has begun."""

    why = WordsFormField(
        label="Why it is approved after the period began",
        required=False,
        max_length=LONGEST_WHY,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on the statement.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class DecisionForm(Form):
    """What is paid of a goal that could not be measured, and why."""

    percent = AmountField(label="Paid, in percent")
    why = WordsFormField(label="Why", max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
