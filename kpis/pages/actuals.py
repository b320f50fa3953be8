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
from core.formatting import month_name
from core.numbers import NumberError
from core.periods import Month, month_code, month_of, shift
from core.typed import COMMA, POINT, Ambiguous, decimal_sign, plain, read_typed
from customers.choices import TierScope
from customers.models import Tier
from kpis.access import enterable_by
from kpis.choices import CustomerMethod
from kpis.models import Kpi, MonthCell, Restatement, TierActual
from kpis.models.versions import VersionBook
from kpis.reading.missing import MissingMonth, missing_months
from kpis.rules.actual import month_of_kpi_problem, newest_month
from kpis.rules.plausible import doubts
from kpis.services.actuals import ActualsRefused, Entry, Pair, enter_actuals, takes_entries
from kpis.wording import actual_number, actual_words, part_names, style_of

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
    doubts: str = ""
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
        self.labels = part_names(self.meant)
        self.problems: list[str] = []
        self.asked: list[Ambiguous] = []
        self.sign = self._sign()
        now, before = self._stored(month), self._stored(shift(month, -1))
        self.last_year = self._stored(shift(month, -12))
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
    def earlier_name(self) -> str:
        """The month before, as people write it."""
        return month_name(shift(self.month, -1))

    @property
    def later_name(self) -> str:
        """The month after, as people write it."""
        return month_name(shift(self.month, 1))

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
        stored = {line.tier.pk: [plain(part) for part in line.stored] for line in self.lines if line.is_stored}
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

    def show_again(self, why: str) -> None:
        """Beside what is there now what was typed, which sent once more is a decision; what was left alone follows."""
        before, self.post = _texts_of(self.shown), None
        for line in self.lines:
            for name, stored in zip(("numerator", "denominator"), line.stored, strict=True):
                if line.typed[name] == before.get(f"{name}-{line.tier.pk}", ""):
                    line.typed[name] = plain(stored)
        self.problems.append(why)

    def _stored(self, month: Month) -> dict[Tier, Pair]:
        rows = TierActual.objects.filter(kpi=self.kpi, month=month).select_related("tier")
        return {row.tier: (row.numerator, row.denominator) for row in rows}

    def _tiers(self, held: set[Tier]) -> list[Tier]:
        """Tiers in use and all customers; a retired one where it has a value."""
        tiers = Tier.objects.exclude(scope=TierScope.UNTIERED)
        kept = [tier for tier in tiers if tier.stands_in(self.month) or tier in held]
        return sorted(kept, key=lambda tier: (tier.scope == TierScope.ALL, tier.rank, tier.code))

    def _line(self, tier: Tier, now: Mapping[Tier, Pair], before: Mapping[Tier, Pair]) -> Line:
        stored, last = now.get(tier, NOTHING), before.get(tier, NOTHING)
        typed = {"numerator": plain(stored[0]), "denominator": plain(stored[1]), "reason": ""}
        if self.post is not None:
            typed = {name: self.post.get(f"{name}-{tier.pk}", "").strip() for name in typed}
        return Line(tier, stored, self._words(stored), self._words(last), typed, self._doubts(tier, stored))

    def _doubts(self, tier: Tier, stored: Pair) -> str:
        """Why what is stored looks mistyped beside the month a year before; empty where it doesn't."""
        before = self.last_year.get(tier, NOTHING)
        return "; ".join(doubts([actual_number(self.meant, *stored)], actual_number(self.meant, *before), self.style))

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

    @property
    def unit(self) -> str:
        """In which unit the first number is typed; empty for counts and plain numbers."""
        return self.style.label if self._units("numerator") else ""

    def _units(self, name: str) -> tuple[str, ...]:
        """What may stand beside a number: the parts of a ratio, and what divides, are counts."""
        counts = name == "denominator" or CustomerMethod(self.meant.customer_method).enters_counts
        return () if counts else self.style.units

    def _sign(self) -> str | None:
        """What stands before decimals in what was typed: the person's answer, else what the numbers tell as one."""
        post = self.post or {}
        if (asked := post.get("decimal", "")) in (POINT, COMMA):
            return asked
        own = _texts_of(post.get("shown", ""))
        numbers = {name: text for name, text in post.items() if name.startswith(("numerator-", "denominator-"))}
        return decimal_sign(text for name, text in numbers.items() if POINT not in own.get(name, ""))

    def _number(self, line: Line, name: str) -> Decimal | None:
        text = line.typed[name]
        by_product = text == _texts_of(self.shown).get(f"{name}-{line.tier.pk}")
        try:
            return read_typed(text, POINT if by_product else self.sign, self._units(name)) if text else None
        except NumberError as error:
            line.problems[name] = str(error)
            self.asked += [error] if isinstance(error, Ambiguous) else []
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
        return {pk: (_exactly(above), _exactly(below)) for pk, (above, below) in _loaded(text).items()}
    except (ValueError, TypeError):
        return {}


def _texts_of(text: str) -> dict[str, str]:
    """The fields as the page had shown them, by their name; nothing where that was tampered with."""
    try:
        parts = [(pk, *map(str, pair)) for pk, pair in _loaded(text).items()]
        found = [((f"numerator-{pk}", above), (f"denominator-{pk}", below)) for pk, above, below in parts]
    except (ValueError, TypeError):
        return {}
    return dict(field for fields in found for field in fields)


def _loaded(text: str) -> dict[str, Any]:
    """Raises ValueError where it is no object."""
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _exactly(text: str) -> Decimal | None:
    """A number as the page wrote it; None where it wrote none."""
    return read_typed(text, POINT) if text else None
