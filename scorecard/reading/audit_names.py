"""How the audit tells of closed periods, and what of them stands in periods."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Max
from django.urls import reverse

from accounts.company import company
from core.formatting import month_name
from core.periods import Month, Period, month_code
from core.records import Told
from customers.models import Customer
from scorecard.access import warned_to
from scorecard.models import Closing, Edition, Narrative, Remark, Report, Waiver, WarningResponse


def dated() -> str:
    """That there are editions: a calendar that changed would relabel them."""
    return "editions" if Edition.objects.exists() else ""


def covered(first: Month, last: Month | None) -> list[Month]:
    """The months from first to last (None: all later ones) that an edition covers."""
    codes = Edition.objects.order_by().values_list("period", flat=True).distinct()
    months = {month for code in codes for month in Period.parse(code, company().calendar).months}
    return sorted(month for month in months if first <= month and (last is None or month <= last))


def closed(codes: Collection[str]) -> dict[str, int]:
    """Those of the periods, by code, that have an edition, with the number of the latest: one query."""
    rows = Edition.objects.filter(period__in=codes).order_by().values("period").annotate(latest=Max("number"))
    return dict(rows.values_list("period", "latest"))


def _rows(model: Any) -> Any:
    """``2026-Q3, edition 1``, with the page of the period: one query."""

    def read(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
        rows = model.objects.filter(pk__in=_numbers(ids)).only("period", "number")
        return {
            str(row.pk): (f"{row.period}, edition {row.number}", reverse("scorecard", args=[row.period]))
            for row in rows
        }

    return read


def _mails(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """Where what was told of one's own mails stands: on the page of one's mails."""
    return {pk: ("their own mails", reverse("subscriptions")) for pk in ids}


def _packs(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """``2026-Q3, edition 1, pdf``; the pack's page is its person's own. One query."""
    rows = Report.objects.filter(pk__in=[pk for pk in ids if pk.isdecimal()])
    return {
        str(row.pk): (str(row), reverse("report", args=[row.pk]) if row.by_id == getattr(reader, "pk", None) else "")
        for row in rows
    }


def _narratives(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """``Renewal rate, Gold, 2026-Q3``, with the page of the cell: one query."""
    rows = Narrative.objects.filter(pk__in=_numbers(ids)).select_related("kpi", "tier")
    return {
        str(row.pk): (
            f"{row.kpi.name}, {row.tier.name}, {row.period}",
            reverse("cell", args=[row.period, row.kpi.code, row.tier.code]),
        )
        for row in rows
    }


def _remarks(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """``Renewal rate, September 2026``, with the page of the KPI: one query."""
    rows = Remark.objects.filter(pk__in=_numbers(ids)).select_related("kpi")
    return {
        str(row.pk): (f"{row.kpi.name}, {month_name(Month(row.month))}", reverse("kpi", args=[row.kpi.code]))
        for row in rows
    }


def _responses(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """``Alpha Ltd, September 2026``, with the warning's page, for who may read the customer's name. Two queries."""
    rows = list(WarningResponse.objects.filter(pk__in=_numbers(ids)))
    named = warned_to(reader).in_bulk([row.customer_id for row in rows]) if reader is not None else {}
    return {str(row.pk): _response(row, named.get(row.customer_id)) for row in rows}


def _response(row: WarningResponse, customer: Customer | None) -> tuple[str, str]:
    month = Month(row.month)
    if customer is None:
        return f"a customer, {month_name(month)}", ""
    page = reverse("customer_warning", args=[customer.external_id, month_code(month)])
    return f"{customer.name}, {month_name(month)}", page


def _numbers(ids: Collection[str]) -> list[str]:
    return [pk for pk in ids if pk.isdecimal()]


def _goals(ids: Collection[str], reader: Any) -> dict[str, tuple[str, str]]:
    """Which one it was stands in no entry; where goals are written is said."""
    return {pk: ("incentive goal", reverse("incentives")) for pk in ids}


TOLD: Mapping[str, Told] = {
    "scorecard.stopapproval": Told("stop of initiative", {"on": "from", "by": "who agreed"}),
    "scorecard.incentivegoal": Told("incentive goal", {}, _goals),
    "scorecard.edition": Told("edition", {}, _rows(Edition)),
    "scorecard.closing": Told("closing", {}, _rows(Closing)),
    "scorecard.report": Told("board pack", {"sha256": "SHA-256", "names_customers": "names customers"}, _packs),
    "scorecard.narrative": Told("narrative", {"by": "who wrote it", "at": "when"}, _narratives),
    "scorecard.remark": Told("remark", {}, _remarks),
    "scorecard.warningresponse": Told("response to an early warning", {"kind": "what was done"}, _responses),
    "scorecard.warninglook": Told("look for early warnings"),
    "scorecard.waiver": Told("waiver", {"item": "what was missing"}, _rows(Waiver)),
    "scorecard.follow": Told("something followed", {"kind": "what", "key": "which", "since": "since"}, _mails),
    "scorecard.subscription": Told(
        "digest",
        {
            "months": "every month",
            "quarters": "every quarter",
            "years": "every fiscal year",
            "day": "day of the month",
            "format": "board pack",
            "since": "since",
            "ended_at": "ended",
            "tiers": "tiers",
            "departments": "departments",
        },
        _mails,
    ),
}
