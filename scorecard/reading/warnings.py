"""Early warnings as they were kept, for who may read their names: the record, the list, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet

from accounts.models import User
from core.formatting import NOTHING, number
from core.numbers import rounded
from core.periods import Month
from customers.models import Customer
from kpis.formulas.warnings import Failing, Record
from kpis.models import Kpi
from kpis.models.versions import VersionBook
from scorecard.access import warned_to
from scorecard.models import EarlyWarning, WarningResponse, WarningRun


@dataclass(frozen=True, slots=True)
class WhyWarned:
    """A KPI, as it meant then, in which a customer got worse, with its values before and in the last three months."""

    kpi: Kpi
    before: Fraction
    now: Fraction
    severe: bool


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """A warning with its customer, its reasons, and what was done about it or about an earlier one; None for nothing
    said so far.
    """

    row: EarlyWarning
    customer: Customer
    reasons: tuple[WhyWarned, ...]
    response: WarningResponse | None


def run_of(month: Month | None = None) -> WarningRun | None:
    """What was found of a month, by default of the newest; None where it was not looked at."""
    rows = WarningRun.objects.select_related("value_kpi")
    return rows.filter(month=month).first() if month else rows.order_by("-month").first()


def months_of_runs() -> list[Month]:
    """The months that were looked at, the newest first."""
    return [Month(month) for month in WarningRun.objects.order_by("-month").values_list("month", flat=True)]


def warnings_of(run: WarningRun, reader: User) -> QuerySet[EarlyWarning]:
    """The warnings of a run that a person may read, by value at risk; none of a list that is not shown."""
    rows = EarlyWarning.objects.filter(run=run) if run.shown else EarlyWarning.objects.none()
    return rows.filter(customer__in=warned_to(reader)).order_by("place")


def read_warnings(rows: Iterable[EarlyWarning], run: WarningRun) -> list[ReadWarning]:
    """Warnings with all that is told of them: four queries, however many."""
    rows = list(rows)
    kpis = Kpi.objects.in_bulk({reason["kpi"] for row in rows for reason in row.reasons})
    versions = VersionBook.read(kpis.values())
    meant = {pk: versions.at(kpi, Month(run.month)) for pk, kpi in kpis.items()}
    customers = Customer.objects.select_related("account_manager").in_bulk([row.customer_id for row in rows])
    responses = latest_responses(customers, Month(run.month))
    return [
        ReadWarning(row, customers[row.customer_id], _reasons(row, meant), responses.get(row.customer_id))
        for row in rows
        if row.customer_id in customers
    ]


def _reasons(row: EarlyWarning, kpis: Mapping[int, Kpi]) -> tuple[WhyWarned, ...]:
    return tuple(
        WhyWarned(kpis[one["kpi"]], Fraction(one["before"]), Fraction(one["now"]), one["severe"])
        for one in row.reasons
        if one["kpi"] in kpis
    )


def latest_responses(customers: Collection[int], month: Month) -> dict[int, WarningResponse]:
    """What was last done about the warnings of customers, by their ids, up to those of a month: one query."""
    rows = WarningResponse.objects.filter(customer__in=customers, month__lte=month, taken_back_at=None)
    found: dict[int, WarningResponse] = {}
    for row in rows.select_related("owner", "by").order_by("month", "at", "pk"):
        found[row.customer_id] = row
    return found


def warning_of(customer: Customer, reader: User) -> tuple[WarningRun, EarlyWarning] | None:
    """The newest warning of a customer, where the newest list is shown and has it and the person may read it."""
    run = run_of()
    row = warnings_of(run, reader).filter(customer=customer).first() if run else None
    return (run, row) if run and row else None


def warned_of(person: User) -> list[Customer]:
    """The customers that a person looks after who are warned of by the newest list, where it is shown: by value at
    risk. Two queries.
    """
    run = run_of()
    if run is None or not run.shown:
        return []
    rows = warnings_of(run, person).filter(customer__account_manager=person).select_related("customer")
    return [row.customer for row in rows]


def record_words(record: Record) -> str:
    """What came of the warnings in a sentence without its end: ``warned 22, lost 6: too few to tell``; ``warned 41,
    lost 6 (15 %); of those that could be warned 14 %: no better than guessing``.
    """
    told = f"warned {record.warned:,}, lost {record.lost:,}"
    if record.failing == Failing.TOO_FEW:
        return f"{told}: too few to tell"
    precision, base = _shares(record)
    compared = f"{told} ({precision}); of those that could be warned {base}"
    return f"{compared}: no better than guessing" if record.failing else compared


def _shares(record: Record) -> list[str]:
    """The share of the warned and of all in percent, with a decimal more where the two would read alike, or where one
    by the other would come to another lift than the one that stands beside the list.
    """
    shares = [record.precision, record.base]
    known = [share * 100 for share in shares if share is not None]
    decimals = next((n for n in range(3) if _tell(record, [Fraction(rounded(share, n)) for share in known])), 2)
    return [NOTHING if share is None else f"{number(share * 100, decimals)} %" for share in shares]


def _tell(record: Record, shown: list[Fraction]) -> bool:
    """Whether shares say, as they are rounded, what the record says."""
    if len(set(shown)) < len({record.precision, record.base} - {None}):
        return False
    if record.failing or record.lift is None:
        return True
    return bool(shown[1]) and rounded(shown[0] / shown[1], 1) == rounded(record.lift, 1)
