"""The pages on which actuals are entered: whose they are, which months miss some, and a month's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from accounts.company import today_of
from accounts.models import Company, User
from core.numbers import NumberError
from core.periods import Month, month_code, month_of, shift
from customers.choices import TierScope
from customers.models import Tier
from kpis.access import enterable_by
from kpis.choices import CustomerMethod
from kpis.forms.grid import parse_number
from kpis.models import Kpi, MonthCell, Restatement, TierActual
from kpis.models.versions import VersionBook
from kpis.reading.missing import MissingMonth, missing_months
from kpis.rules.actual import month_of_kpi_problem, newest_month
from kpis.services.actuals import ActualsRefused, Entry, Pair, enter_actuals, takes_entries
from kpis.wording import actual_words, style_of

NOTHING: Pair = (None, None)


@dataclass(frozen=True, slots=True)
class Entered:
    """A KPI whose actuals a person may enter: the last month that has any, and the months that miss some."""

    kpi: Kpi
    last: Month | None
    missing: tuple[MissingMonth, ...]
    newest: str  # the code of the last ended month


def entered_kpis(user: User, today: date) -> list[Entered]:
    """The KPIs whose actuals the person may enter, those that miss most first; empty where there is none.

    Those that the last rollup found facts of customers for are left out; the service looks again.
    """
    measured = MonthCell.objects.filter(kpi=OuterRef("pk"), entered=False)
    kpis = enterable_by(user, Kpi.objects.filter(~Exists(measured), facts_of=None)).in_matrix_order()
    begun = Q(tier_actuals__month__lte=newest_month(today))
    rows: list[Any] = list(kpis.select_related("owner").annotate(last=Max("tier_actuals__month", filter=begun)))
    missing = missing_months(rows, today)
    newest = month_code(shift(month_of(today), -1))
    found = [Entered(kpi, kpi.last, missing[kpi.pk], newest) for kpi in rows]
    return sorted(found, key=lambda one: -len(one.missing))


@dataclass
class Line:
    """One tier in a month's form: what is stored, what was there last month, what the person typed."""

    tier: Tier
    stored: Pair
    stored_words: str
    before_words: str
    typed: dict[str, str]
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def is_stored(self) -> bool:
        """Whether there is a value that people may have read: another one needs a reason."""
        return self.stored != NOTHING


class MonthForm:
    """A month's actuals of a KPI by tier, as stored or as typed; ``save`` writes all of them or none."""

    def __init__(self, company: Company, kpi: Kpi, month: Month, post: Mapping[str, str] | None = None) -> None:
        self.kpi, self.month, self.post = kpi, month, post
        self.today = today_of(company)
        self.meant = VersionBook.read([kpi]).at(kpi, month)
        self.taken = takes_entries(self.meant)
        self.style = style_of(self.meant, company.currency)
        self.labels = CustomerMethod(self.meant.customer_method or "sum").parts
        self.problems: list[str] = []
        now, before = self._stored(month), self._stored(shift(month, -1))
        self.lines = [self._line(tier, now, before) for tier in self._tiers({*now, *before})]

    @property
    def code(self) -> str:
        """The month as addresses have it."""
        return month_code(self.month)

    @property
    def earlier(self) -> str:
        """The month before."""
        return month_code(shift(self.month, -1))

    @property
    def later(self) -> str:
        """The month after; empty where it has not begun."""
        return month_code(shift(self.month, 1)) if self.month < newest_month(self.today) else ""

    @property
    def begun(self) -> bool:
        """Whether there can be anything to enter yet."""
        return not month_of_kpi_problem(self.kpi, self.month, self.today)

    @property
    def is_bad(self) -> bool:
        """Whether something typed has to be looked at."""
        return bool(self.problems or any(line.problems for line in self.lines))

    @property
    def shown(self) -> str:
        """What the form shows as stored, for a hidden field: somebody else's value is not overwritten unseen."""
        if self.post is not None:
            return self.post.get("shown", "")
        stored = {line.tier.pk: [_text(part) for part in line.stored] for line in self.lines if line.is_stored}
        return json.dumps(stored, separators=(",", ":"))

    @property
    def restatements(self) -> list[tuple[Restatement, str, str]]:
        """What was corrected, newest first: the row, the old value and the new one in words."""
        rows = Restatement.objects.filter(kpi=self.kpi, month=self.month).select_related("tier", "by")
        return [
            (row, self._words((row.old_numerator, row.old_denominator)), self._words((row.numerator, row.denominator)))
            for row in rows
        ]

    def save(self, by: User) -> int | None:
        """How many values were new or changed; None where something typed is wrong, and then nothing is saved.

        Raises PermissionDenied, StaleWrite.
        """
        seen = _seen(self.shown)
        entries = [self._entry(line, seen.get(str(line.tier.pk), NOTHING)) for line in self.lines]
        if self.is_bad:
            return None
        try:
            return enter_actuals(kpi=self.kpi, month=self.month, entries=[one for one in entries if one], by=by)
        except ActualsRefused as refused:
            self._note(refused)
            return None

    def _stored(self, month: Month) -> dict[Tier, Pair]:
        rows = TierActual.objects.filter(kpi=self.kpi, month=month).select_related("tier")
        return {row.tier: (row.numerator, row.denominator) for row in rows}

    def _tiers(self, held: set[Tier]) -> list[Tier]:
        """Tiers in use and all customers; a retired one where it has a value."""
        tiers = Tier.objects.exclude(scope=TierScope.UNTIERED)
        kept = [tier for tier in tiers if not tier.retired or tier in held]
        return sorted(kept, key=lambda tier: (tier.scope == TierScope.ALL, tier.rank, tier.code))

    def _line(self, tier: Tier, now: Mapping[Tier, Pair], before: Mapping[Tier, Pair]) -> Line:
        stored, last = now.get(tier, NOTHING), before.get(tier, NOTHING)
        typed = {"numerator": _text(stored[0]), "denominator": _text(stored[1]), "reason": ""}
        if self.post is not None:
            typed = {name: self.post.get(f"{name}-{tier.pk}", "").strip() for name in typed}
        return Line(tier, stored, self._words(stored), self._words(last), typed)

    def _words(self, pair: Pair) -> str:
        """``84 of 120: 70.0 %``; empty for nothing."""
        return actual_words(self.meant, *pair, self.style)

    def _entry(self, line: Line, seen: Pair) -> Entry | None:
        """What was typed for a tier; None where it is wrong. A value that was emptied is taken away."""
        numerator = self._number(line, "numerator")
        denominator = self._number(line, "denominator") if self.labels[1] else None
        if numerator is None and denominator is not None and not line.problems:
            line.problems["numerator"] = "is missing: blank is not zero, so write 0 where it is nought"
        reason = line.typed["reason"]
        return None if line.problems else Entry(line.tier, numerator, denominator, reason, seen, clear=seen != NOTHING)

    def _number(self, line: Line, name: str) -> Decimal | None:
        text = line.typed[name]
        try:
            return parse_number(text) if text else None
        except NumberError:
            line.problems[name] = "is no number with at most four decimals"
            return None

    def _note(self, refused: ActualsRefused) -> None:
        """Say each problem where it is."""
        lines = {line.tier.code: line for line in self.lines}
        for problem in refused.problems:
            if problem.tier in lines:
                lines[problem.tier].problems[problem.field] = problem.reason
            else:
                self.problems.append(f"This {'KPI' if problem.field == 'kpi' else problem.field} {problem.reason}.")


def _seen(text: str) -> dict[str, Pair]:
    """What the page had shown; nothing where the field was tampered with, and then nothing is overwritten."""
    try:
        found: dict[str, Any] = json.loads(text)
        return {
            pk: (parse_number(above), parse_number(below) if below else None) for pk, (above, below) in found.items()
        }
    except (ValueError, AttributeError, TypeError):
        return {}


def _text(value: Decimal | None) -> str:
    """A number as a person would type it: ``1234.5``."""
    return "" if value is None else f"{value:.4f}".rstrip("0").rstrip(".")
