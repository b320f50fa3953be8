"""Early warnings as pages say them: the record first, then who is warned, why, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.company import company, today_of
from accounts.models import Company, User
from accounts.pages.asking import Question
from accounts.reading.people import who_can_act, with_roles
from accounts.rights import Right
from core.formatting import Style, month_name, number, short_day, trimmed
from core.numbers import SCALE
from core.periods import Month, month_code, shift
from core.registry import Panel, PanelPlace, Subject
from customers.models import Customer
from kpis.choices import Direction
from kpis.formulas.warnings import AHEAD, LEAST_LOST, LEAST_WARNED, RECORDED, Failing
from kpis.models import Kpi
from kpis.wording import style_of
from scorecard.access import may_respond, sees_warning_of
from scorecard.choices import WarningAnswer
from scorecard.forms.warnings import WarningActionForm
from scorecard.models import EarlyWarning, WarningLook, WarningResponse, WarningRun
from scorecard.reading.warnings import (
    ReadWarning,
    WhyWarned,
    months_of_runs,
    read_warnings,
    record_words,
    warning_of,
    warnings_of,
)
from scorecard.services.warnings import may_take_back_response, may_tick_response

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ShownReason:
    """``Repeat contacts``, ``12.5 %``, ``31.0 %``: ``way`` is which way it went, ``note`` that it is enough by itself,
    or that it got worse beside all others only.
    """

    name: str
    url: str
    before: str
    now: str
    way: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownResponse:
    """What was done: ``Seen``, ``Call them``; ``doing`` whose it is and until when, ``told`` who said so and when."""

    row: WarningResponse
    shape: str
    text: str
    doing: str
    told: str
    done: bool
    late: bool
    may_take_back: bool = False
    may_tick: bool = False


@dataclass(frozen=True, slots=True)
class ShownWarning:
    """A line of the list."""

    place: int
    name: str
    key: str
    manager: str
    worth: str
    reasons: tuple[ShownReason, ...]
    response: ShownResponse | None
    url: str
    url_of_customer: str


class WarningsPage:
    """What was found of a month, as a person reads it. ``run`` is None where nothing was found yet."""

    def __init__(self, run: WarningRun | None, company: Company, today: date, user: User, page: str = "") -> None:
        self.run, self.company, self.today, self.user = run, company, today, user
        self._asked = page
        self.own_alone = not user.has_perm(Right.READ_WARNINGS)
        self.may_make = user.has_perm(Right.LOAD)

    # -- the record

    @property
    def headline(self) -> str:
        """``Warned 41, lost 6 (15 %); of those that could be warned 14 %: no better than guessing``."""
        assert self.run is not None  # noqa: S101 - the template asks for it where there is one
        record = self.run.record
        words = record_words(record)
        lift = f": {number(record.lift, 1)} times as often" if record.shown and record.lift else ""
        return f"{words[:1].upper()}{words[1:]}{lift}"

    @property
    def lead_words(self) -> str:
        """``Half of those who left did so within 3 months.``; empty where none left by an event."""
        record = self.run.record if self.run else None
        if record is None or record.lead is None:
            return ""
        months = trimmed(record.lead, 1)
        return f"Those who left did so {months} {'month' if record.lead == 1 else 'months'} later (the median)."

    @property
    def why_hidden(self) -> str:
        """Why there is no list."""
        if self.run is None or self.run.shown:
            return ""
        if self.run.record.failing == Failing.TOO_FEW:
            return (
                f"No list is shown before at least {LEAST_WARNED} customers were warned of and {LEAST_LOST} of them "
                "were lost: with fewer nobody can tell whether a warning means anything."
            )
        return (
            "No list is shown: whoever was warned of was lost about as often as anybody else, or may have been by "
            "chance. Other leading KPIs may foretell more."
        )

    @property
    def span(self) -> str:
        """``January 2024 to December 2025``: the month ends of the record."""
        assert self.run is not None  # noqa: S101
        last = shift(Month(self.run.month), -AHEAD)
        return f"{month_name(shift(last, 1 - RECORDED))} to {month_name(last)}"

    @property
    def lost_words(self) -> str:
        """What counts as lost."""
        value = f", or when their {self.run.value_kpi.name} of six months fell below half" if self.value_kpi else ""  # type: ignore[union-attr]
        return f"Lost means left within six months{value}."

    @property
    def value_kpi(self) -> Kpi | None:
        """What customers are ranked by."""
        return self.run.value_kpi if self.run else None

    @cached_property
    def kpis(self) -> list[Kpi]:
        """Those that were looked at, in matrix order."""
        return list(Kpi.objects.in_matrix_order().filter(pk__in=self.run.kpis)) if self.run else []

    @cached_property
    def months(self) -> list[tuple[str, str, bool]]:
        """The months to choose from: code, name, and whether it is the shown one."""
        shown = self.run.month if self.run else None
        return [(month_code(month), month_name(month), month == shown) for month in months_of_runs()]

    @cached_property
    def progress(self) -> str:
        """That the lists are being made, and how far; empty where they are not."""
        look = WarningLook.objects.filter(pk=1).exclude(beat_at=None).first()
        if look is None:
            return ""
        return f"Being made anew: {look.done:,} of {look.of:,} months of KPIs read." if look.of else "Being made anew."

    # -- the list

    @cached_property
    def page(self) -> Page[EarlyWarning]:
        """A page of the list."""
        assert self.run is not None  # noqa: S101
        return Paginator(warnings_of(self.run, self.user), PER_PAGE).get_page(self._asked)

    @property
    def page_query(self) -> str:
        """What another page of the list keeps of the address."""
        return f"month={month_code(Month(self.run.month))}&" if self.run else ""

    @cached_property
    def worth_at_risk(self) -> str:
        """What all of the listed are worth together; empty without a KPI for it."""
        assert self.run is not None  # noqa: S101
        values = [
            Fraction(value, SCALE)
            for value in warnings_of(self.run, self.user).values_list("value", flat=True)
            if value
        ]
        return self._worth_style(values).full(sum(values, Fraction(0))) if self.value_kpi and values else ""

    def _worth_style(self, values: Sequence[Fraction | None]) -> Style:
        return style_of(self.value_kpi, self.company.currency, values) if self.value_kpi else Style()

    @cached_property
    def worth_label(self) -> str:
        """``Revenue, k€``: the head of the column of values."""
        if self.value_kpi is None:
            return "Value"
        unit = self._worth_style([row.worth for row in self.page.object_list]).label
        return f"{self.value_kpi.name}, {unit}" if unit else self.value_kpi.name

    @cached_property
    def rows(self) -> list[ShownWarning]:
        """The lines of the page."""
        assert self.run is not None  # noqa: S101
        read = read_warnings(self.page.object_list, self.run)
        style = self._worth_style([one.row.worth for one in read])
        return [self._line(one, style) for one in read]

    def _line(self, one: ReadWarning, style: Style) -> ShownWarning:
        assert self.run is not None  # noqa: S101
        key = one.customer.external_id
        return ShownWarning(
            place=one.row.place,
            name=one.customer.name,
            key=key,
            manager=str(one.customer.account_manager or ""),
            worth=style.bare(one.row.worth),
            reasons=show_reasons(one.reasons, self.company),
            response=show_response(one.response, self.run, self.today) if one.response else None,
            url=reverse("customer_warning", args=[key, month_code(Month(self.run.month))]),
            url_of_customer=reverse("customer", args=[key]),
        )


def show_reasons(reasons: Sequence[WhyWarned], company: Company) -> tuple[ShownReason, ...]:
    """Each with both values, which differ as they are shown."""
    return tuple(_reason(one, company) for one in reasons)


def _reason(one: WhyWarned, company: Company) -> ShownReason:
    style = style_of(one.kpi, company.currency).told_apart(one.before, (one.now,))
    worse = one.now < one.before if one.kpi.direction == Direction.HIGHER else one.now > one.before
    notes = ([] if worse else ["worse than what changed for all"]) + (["enough by itself"] if one.severe else [])
    return ShownReason(
        name=one.kpi.name,
        url=reverse("kpi", args=[one.kpi.code]),
        before=style.full(one.before),
        now=style.full(one.now),
        way="rose" if one.now > one.before else "fell" if one.now < one.before else "stayed,",
        note=", ".join(notes),
    )


def show_response(row: WarningResponse, run: WarningRun, today: date, reader: User | None = None) -> ShownResponse:
    """What was done; of an earlier month's warning it says of which."""
    earlier = "" if row.month == run.month else f" about {month_name(Month(row.month))}"
    done = row.done_at is not None
    until = f"done by {row.done_by}" if done else f"until {short_day(row.due)}" if row.due else ""
    return ShownResponse(
        row=row,
        shape="●" if done else WarningAnswer(row.kind).shape,
        text=row.text if row.kind == WarningAnswer.ACTION else row.get_kind_display(),
        doing=f"{row.owner}, {until}" if row.owner else row.text,
        told=f"{row.by}, {short_day(localdate(row.at))}{earlier}",
        done=done,
        late=not done and row.due is not None and row.due < today,
        may_take_back=reader is not None and may_take_back_response(reader, row),
        may_tick=reader is not None and row.kind == WarningAnswer.ACTION and may_tick_response(reader, row),
    )


class CustomerWarningPage:
    """The warning of one customer: why, and what was and can be done about it."""

    def __init__(self, found: ReadWarning, company: Company, today: date, user: User, form: Any = None) -> None:
        self.found, self.company, self.today, self.user = found, company, today, user
        self.run = found.row.run
        self._form = form

    @property
    def month(self) -> str:
        """``September 2026``."""
        return month_name(Month(self.run.month))

    @property
    def windows(self) -> str:
        """Which months are compared."""
        end = Month(self.run.month)
        early = f"{month_name(shift(end, -11))} to {month_name(shift(end, -3))}"
        return f"{month_name(shift(end, -2))} to {month_name(end)}, compared with {early}"

    @property
    def worth(self) -> str:
        """The value of twelve months; empty without a KPI for it."""
        kpi, worth = self.run.value_kpi, self.found.row.worth
        return style_of(kpi, self.company.currency, [worth]).full(worth) if kpi and worth is not None else ""

    @property
    def reasons(self) -> tuple[ShownReason, ...]:
        """Why."""
        return show_reasons(self.found.reasons, self.company)

    @cached_property
    def responses(self) -> list[ShownResponse]:
        """All that was done about this and earlier warnings of the customer, the latest first."""
        rows = WarningResponse.objects.filter(
            customer=self.found.customer, month__lte=self.run.month, taken_back_at=None
        )
        rows = rows.select_related("owner", "by", "done_by", "customer")
        return [show_response(row, self.run, self.today, self.user) for row in rows[:20]]

    @property
    def may_respond(self) -> bool:
        """Whether the person may say what is done."""
        return may_respond(self.user, self.found.customer)

    @cached_property
    def form(self) -> WarningActionForm:
        """To note what is done; an action for somebody who may read the customer's name."""
        customer = self.found.customer
        return self._form or WarningActionForm(people=doers_of(customer), owner=customer.account_manager_id)


def doers_of(customer: Customer) -> list[User]:
    """Who may be given an action about a customer's warning: those who may read it. Two queries."""
    people = who_can_act()
    with_roles(people)
    return [one for one in people if sees_warning_of(one, customer)]


def taking_back_response(row: WarningResponse, page: str) -> Question:
    """Before what was done is taken back."""
    what = f"The action “{row.text}”" if row.kind == WarningAnswer.ACTION else f"“{row.get_kind_display()}”"
    return Question(
        title="Take back what was done about this warning?",
        does=(f"{what} no longer stands beside the warning.",),
        undo="It can be said again; the audit keeps it.",
        verb="Take it back",
        back=page,
        place="the warning",
    )


# -- beside a customer


@dataclass(frozen=True, slots=True)
class WarningPanel:
    """A customer's newest warning on its own page."""

    month: str
    record: str
    reasons: tuple[ShownReason, ...]
    response: ShownResponse | None
    url: str


def warning_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a customer who is warned of by a list that is shown; nothing beside another."""
    customer: Customer = subject.about
    found = warning_of(customer, reader)
    if found is None:
        return
    run, row = found
    (read,) = read_warnings([row], run)
    ours = company()
    month = Month(run.month)
    shown = WarningPanel(
        month_name(month),
        record_words(run.record),
        show_reasons(read.reasons, ours),
        show_response(read.response, run, today_of(ours)) if read.response else None,
        reverse("customer_warning", args=[customer.external_id, month_code(month)]),
    )
    yield Panel(PanelPlace.NARRATIVE, "scorecard/rail_warning.html", shown, "warning")
