"""What people give to enter and edit an initiative."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import fields_for_model

from accounts.company import today
from accounts.models import User
from core.fields import WordsFormField
from core.forms import DayInput, Form, name_blanks
from core.periods import month_of
from core.stale import SeenField, mark_shown
from customers.models import Customer, Tier
from initiatives.forms.kpis_to_move import ChosenKpis, KpiField
from initiatives.models import Initiative

_DAYS = ("baseline_start", "baseline_due", "due", "started_on", "finished_on")
_SCORES = ("loyalty_impact", "vendor_choice_impact", "effort")
_PEOPLE = ("owner", "deputy", "sponsor")
_LISTED = 500  # names that a form offers as one types

# What a form begins with by itself.
_GIVEN = {"customer_focused", "currency", "code"}

# The form's parts: their heading, and the fields below it. A candidate needs no more than the first.
PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What it is, and where it belongs", "", ("title", "level", "customer", "business_unit", "department")),
    ("More of what it is", "", ("description", "theme", "customer_focused", "serves", "tiers", "code")),
    ("Who does it", "", ("owner", "deputy", "sponsor", "team_name", "team")),
    (
        "Is it worth it?",
        "High impact for little effort and cost comes first; a score that nobody gave stays empty, it is never 0.",
        (*_SCORES, "cost", "spent", "currency", "justification"),
    ),
    (
        "When",
        "The baseline is what was agreed at the start. Once it has started, it stays: re-dating never makes it green.",
        ("baseline_start", "baseline_due", "due", "reason", "started_on", "finished_on"),
    ),
)

_LABELS = {
    "code": "Code",
    "serves": "Serves the customers of",
    "theme": "Theme of customers’ pain",
    "customer_focused": "For customers",
    "team_name": "Team",
    "team": "People of the team",
    "loyalty_impact": "Impact on loyalty",
    "vendor_choice_impact": "Impact on vendor choice",
    "due": "Due now",
    "justification": "Why its impact is worth its burden",
}
_HELP = {
    "code": "Part of its address, such as faster-answers; made from the title where empty.",
    "serves": "Whose customers’ pain it answers; the department itself where empty.",
    "tiers": "None chosen: for all.",
    "theme": "As in the pain points, such as response time.",
    "customer_focused": "The register holds all improvement work; clear this where it is not for customers.",
    "cost": "In all, in its own currency.",
    "due": "The baseline where empty.",
    "justification": "Needed for a major bet: high impact at a high burden.",
}


class CustomerField(forms.CharField):
    """A customer by number or exact name, among those that the person may read."""

    def __init__(self, user: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.readable = Customer.objects.visible_to(user)

    def clean(self, value: Any) -> Customer | None:
        """The customer; None where empty. Raises ValidationError where nobody, or more than one, is called so."""
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        numbered = self.readable.filter(external_id=text).first()
        named = [] if numbered else list(self.readable.filter(name__iexact=text)[:2])
        if numbered or len(named) == 1:
            return numbered or named[0]
        said = "More than one customer has this name; give the number." if named else f"No customer is “{text}”."
        raise ValidationError(said)

    def offered(self) -> Iterable[Customer]:
        """Key accounts to choose from while typing."""
        return self.readable.current(today()).filter(is_key_account=True).order_by("name")[:_LISTED]


class InitiativeForm(Form):
    """All that is written about an initiative; stage and approval have pages of their own."""

    seen = SeenField()

    def __init__(self, data: Any = None, *, user: User, instance: Initiative | None = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.instance = instance
        names = [name for _, _, part in PARTS for name in part if name not in {"customer", "reason"}]
        self.fields.update(fields_for_model(Initiative, fields=names, labels=_LABELS, help_texts=_HELP))
        self._add_own(user)
        self._shape()
        if instance is not None:
            self._keep_what_is_agreed(instance)

    def _add_own(self, user: User) -> None:
        reads = "Number or exact name; wanted for a key account."
        self.fields["customer"] = CustomerField(user, required=False, label="Customer", help_text=reads)
        self.fields["kpis"] = KpiField(self.instance, required=False, label="KPIs")
        self.fields["reason"] = WordsFormField(
            required=False, label="Why the due date moves", help_text="Wanted once it is approved."
        )

    @staticmethod
    def _people(*named: int | None) -> QuerySet[User]:
        """Who can be chosen: who is active, and who is named now and may stay."""
        return User.objects.filter(Q(is_active=True) | Q(pk__in=[pk for pk in named if pk])).order_by("name", "email")

    def _shape(self) -> None:
        """Widgets, and who can be chosen."""
        self.fields["code"].required = False
        for name in _DAYS:
            self.fields[name].widget = DayInput()
        for name in _SCORES:
            choices = [("", "not scored"), *((score, score) for score in range(1, 6))]
            self.fields[name].widget = forms.Select(choices=choices)
        for name in _PEOPLE:
            self._offer(name, self._people(getattr(self.instance, f"{name}_id", None)), "nobody")
        name_blanks(self, level="Choose one", department="Choose one")
        self._offer("serves", None, "the same department")
        self._offer("business_unit", None, "none")
        self._offer("tiers", Tier.objects.in_use(month_of(today())), None)
        members = self.instance.team.values_list("pk", flat=True) if self.instance and self.instance.pk else ()
        self._offer("team", self._people(*members), None)
        for name in ("tiers", "team"):
            field: Any = self.fields[name]
            field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
        self.fields["description"].widget.attrs["rows"] = 4
        self.fields["justification"].widget.attrs["rows"] = 3
        self.fields["customer"].widget.attrs["list"] = "key-accounts"
        self.fields["currency"].widget.attrs["size"] = 4

    def _offer(self, name: str, queryset: Any, empty: str | None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        if queryset is not None:
            field.queryset = queryset
        if empty is not None:
            field.empty_label = empty

    def _keep_what_is_agreed(self, row: Initiative) -> None:
        del self.fields["code"]
        if Initiative.objects.filter(pk=row.pk).started().exists():
            for name in ("baseline_start", "baseline_due"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "Agreed at the start, and kept."
        unstarted = {"candidate": ("started_on", "finished_on"), "approved": ("started_on", "finished_on")}
        for name in unstarted.get(row.stage, () if row.stage == "done" else ("finished_on",)):
            del self.fields[name]
        if row.stage == "candidate":
            del self.fields["reason"]

    @property
    def parts(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """The form's parts with the fields that it has."""
        groups = (
            (title, words, [self[name] for name in names if name in self.fields]) for title, words, names in PARTS
        )
        return [group for group in groups if group[2]]

    @property
    def more_is_open(self) -> bool:
        """Whether anything beyond the first part was filled in, or is wrong: then it is in sight."""
        later = [field for _, _, fields in self.parts[1:] for field in fields] + [self["kpis"]]
        return any(field.errors or (field.value() and field.name not in _GIVEN) for field in later)

    @property
    def chosen_kpis(self) -> ChosenKpis:
        """The KPIs as the page shows them."""
        return ChosenKpis.of(self["kpis"])

    @property
    def key_accounts(self) -> Iterable[Customer]:
        """Customers to choose from while typing."""
        field = self.fields["customer"]
        assert isinstance(field, CustomerField)  # noqa: S101 - for the type checker
        return field.offered()

    @property
    def values(self) -> dict[str, Any]:
        """What the services take."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name not in {"seen", "reason"}}
        for name in _SCORES:
            cleaned[name] = cleaned.get(name) or None
        return cleaned


def initial_of(row: Initiative) -> dict[str, Any]:
    """The form's values for an initiative as it is."""
    names = [name for _, _, part in PARTS for name in part if name not in {"customer", "reason", "code"}]
    plain = {name: getattr(row, name) for name in names if name not in {"tiers", "team"}}
    references = {name: getattr(value, "pk", value) for name, value in plain.items()}
    links = row.kpi_links.select_related("kpi", "tier")
    money = {name: trimmed(value) for name in ("cost", "spent") if (value := getattr(row, name)) is not None}
    return (
        references
        | money
        | {
            "seen": mark_shown(row),
            "customer": row.customer.external_id if row.customer else "",
            "tiers": [tier.pk for tier in row.tiers.all()],
            "team": [user.pk for user in row.team.all()],
            "kpis": [f"{link.kpi.code}@{link.tier.code}" if link.tier else link.kpi.code for link in links],
        }
    )


def trimmed(value: Decimal) -> str:
    """An amount without the zeros that nobody wrote."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def initial_from(params: Any) -> dict[str, Any]:
    """What a link prefills: departments and tiers by code, the rest as it stands; what is unknown is left out."""
    from accounts.models import Department

    given = {name: params[name] for name in ("title", "theme", "level") if params.get(name)}
    for name in ("department", "serves"):
        found = Department.objects.filter(code=params.get(name, "")).first()
        given |= {name: found.pk} if found else {}
    tiers = Tier.objects.in_use(month_of(today())).filter(code__in=params.getlist("tier") + params.getlist("tiers"))
    given |= {"kpis": params.getlist("kpis")} if params.getlist("kpis") else {}
    return given | {"tiers": [tier.pk for tier in tiers]} if tiers else given
