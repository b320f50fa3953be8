"""Percentages of a worksheet in files of numbers: 92 is meant by 0.92 shown as 92 %, where the KPI is in percent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.loads import LoadJob
from core.loading.columns import PercentText
from core.loading.rows import Row
from kpis.choices import CustomerMethod, Unit
from kpis.models import Kpi


def no_percent(kpi: Kpi, is_ratio: bool | None = None) -> str:
    """Why a percentage is no numerator of the KPI, or of those that take its facts; empty where it is one."""
    if (kpi.customer_method == CustomerMethod.RATIO) if is_ratio is None else is_ratio:
        return "numerators and denominators of a ratio are counts: give these"
    return not_in_percent(kpi)


def not_in_percent(kpi: Kpi) -> str:
    """Why a percentage is no target of the KPI; empty where it is one."""
    return "" if kpi.unit == Unit.PERCENT else f"{kpi.code} is not in percent: give the number itself"


def refuse_percents(job: LoadJob, rows: Iterable[Row], reasons: Mapping[str, str], column: str = "kpi") -> list[Row]:
    """The rows whose percentages are meant as such; the others are noted.

    ``reasons`` says by the KPI's code why it takes none; empty where it does.
    """
    kept = []
    for row in rows:
        bad = [name for name, text in row.record.items() if isinstance(text, PercentText)]
        reason = reasons.get(row.record[column], "") if bad else ""
        for name in bad if reason else ():
            text = row.record[name]
            assert isinstance(text, PercentText)  # noqa: S101 - for the type checker
            job.refuse(row, name, f"cell {text.where} is a percentage; {reason}")
        if not reason:
            row.record.update({name: str(row.record[name]) for name in bad})
            kept.append(row)
    return kept
