"""How numbers, periods and moments are written for people, in the reader's signs (``core.reader``). No clock.

Values come exact and are rounded here alone, half up, for showing. Units and directions are the
plain codes that KPIs carry (``percent``, ``currency``, ``lower`` …).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.numbers import rounded, rounded_text
from core.periods import Kind, Month, Period
from core.reader import day_in_digits, decimal_sign, in_signs
from core.scales import WHOLE, Number, Scale, exact_of

NOTHING = "–"
MINUS = "−"

MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_CURRENCY_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


# Numbers


def number(value: Number | None, decimals: int = 0, power: int = 0) -> str:
    """``−1,234.50``: rounded half up, thousands apart, a true minus sign, never −0; – where there is none.

    In units of a ``power`` of ten: 1,234,500 with 6 is ``1.23``.
    """
    if value is None:
        return NOTHING
    return in_signs(rounded_text(exact_of(value), decimals, thousands=",", power=power).replace("-", MINUS))


def trimmed(value: Number | None, decimals: int) -> str:
    """The same without trailing zeros after the point: ``82``, ``1.3``."""
    text, sign = number(value, decimals), decimal_sign()
    return text.rstrip("0").rstrip(sign) if sign in text else text


def agreed_decimals(target: Number) -> int:
    """Four, which a target may have; two for the third of a quarter's that nobody agreed to as it stands."""
    return 4 if 10_000 % exact_of(target).denominator == 0 else 2


@dataclass(frozen=True, slots=True)
class Style:
    """How the values of one KPI are written: its unit, currency, decimals, and a scale."""

    unit: str = "number"
    currency: str = ""
    decimals: int = 2
    scale: Scale = WHOLE

    @property
    def label(self) -> str:
        """The unit for a row's heading: ``%``, ``M€``, ``days``, ``thousand``; empty for plain numbers."""
        if self.unit == "currency":
            return f"{self.scale.letter}{currency_sign(self.currency, self.scale)}"
        if self.unit == "percent":
            return f"{self.scale.word} %".strip()
        unit = "days" if self.unit == "days" else ""
        return f"{self.scale.word} {unit}".strip()

    @property
    def units(self) -> tuple[str, ...]:
        """What people may write beside a number of it: ``€`` and ``EUR``, ``%``, ``days``."""
        if self.unit == "currency":
            return tuple(one for one in (self.currency, currency_sign(self.currency)) if one)
        return {"percent": ("%", "percent"), "days": ("days", "day")}.get(self.unit, ())

    @property
    def shown_decimals(self) -> int:
        """The KPI's own decimals, or those that its scale leaves."""
        return self.decimals if self.scale.decimals is None else self.scale.decimals

    def told_apart(self, value: Number | None, bounds: Iterable[Number | None]) -> Style:
        """The style with as many more decimals as it takes to tell a value from bounds that it does not
        equal: 8.27 is near a target of 8.3, and must not read as 8.3.
        """
        style, others = self, [bound for bound in bounds if bound is not None and bound != value]
        if value is None or not others:
            return self
        for decimals in range(self.shown_decimals, self.shown_decimals + 5):
            style = self._with_decimals(decimals)
            if style.bare(value) not in {style.bare(bound) for bound in others}:
                break
        return style

    def showing(self, difference: Number) -> Style:
        """The style with as many more decimals as it takes for a difference not to read as none; itself where
        four more do not do.
        """
        style = self.told_apart(difference, (0,))
        return style if _seen(style.bare(difference)) else self

    def adding_up(self, whole: Number | None, first: Number | None, second: Number | None) -> Style:
        """The style with as many more decimals as it takes for a difference, of either sign, to hold as shown."""
        values = [value for value in (whole, first, second) if value is not None]
        for decimals in range(self.shown_decimals, self.shown_decimals + 4 * (len(values) == 3)):
            style = self._with_decimals(decimals)
            shown = [rounded(style.scale.apply(value), decimals) for value in values]
            if abs(shown[0]) == abs(shown[1] - shown[2]):
                return style
        return self

    def _with_decimals(self, decimals: int) -> Style:
        if decimals == self.shown_decimals:
            return self
        if self.scale.decimals is None:
            return replace(self, decimals=decimals)
        return replace(self, scale=replace(self.scale, decimals=decimals))

    def bare(self, value: Number | None) -> str:
        """The value without its unit, for a table whose row names the unit."""
        return NOTHING if value is None else number(value, self.shown_decimals, self.scale.power)

    def bare_target(self, value: Number) -> str:
        """A target as it was agreed: no zeros added, up to four decimals where it has them."""
        return trimmed(
            self.scale.apply(value), agreed_decimals(value) if self.scale.decimals is None else self.scale.decimals
        )

    def full(self, value: Number | None) -> str:
        """The value with its unit, unscaled: ``84.1 %``, ``€1,234.50``, ``38 days``."""
        return NOTHING if value is None else self._with_unit(number(value, self.decimals))

    def short(self, value: Number | None) -> str:
        """The value with its unit in its scale, as in the matrix: ``24.09 M€``, ``84.1 %``."""
        return self.full(value) if value is None or not self.scale.power else f"{self.bare(value)} {self.label}"

    def full_target(self, value: Number) -> str:
        """A target with its unit, unscaled, as it was agreed."""
        return self._with_unit(trimmed(value, agreed_decimals(value)))

    def apart(self, text: str) -> str:
        """The digits of a difference with its unit: ``5.6 points`` between percentages, ``0.4 M€``, ``€12``."""
        if self.unit == "percent":
            return f"{text} {self.scale.word} points".replace("  ", " ")
        return f"{text} {self.label}" if self.scale.power else self._with_unit(text)

    def _with_unit(self, text: str) -> str:
        if self.unit == "currency":
            return with_mark(text, currency_sign(self.currency))
        suffix = {"percent": " %", "days": " days"}.get(self.unit, "")
        return f"{text}{suffix}"


def with_mark(digits: str, mark: str) -> str:
    """``€12``, ``−€12``, ``12 SEK``, ``12 %``: a sign of money stands before the digits, all else behind them."""
    sign, bare = (MINUS, digits[1:]) if digits.startswith(MINUS) else ("", digits)
    return f"{sign}{mark}{bare}" if mark in _CURRENCY_SIGNS.values() else f"{digits} {mark}".strip()


def currency_sign(code: str, scale: Scale = WHOLE) -> str:
    """``€`` for EUR; a code without a sign of its own is kept, apart from the scale's letter."""
    return _CURRENCY_SIGNS.get(code) or (f" {code}" if scale.power and code else code)


# Targets and changes


@dataclass(frozen=True, slots=True)
class Goal:
    """A target for a narrow column: a sign for the eye, a word for the ear, and the number."""

    sign: str
    word: str
    number: str


def goal(style: Style, direction: str, target: Number | None, low: Number | None, high: Number | None) -> Goal | None:
    """``≥ 82``, ``≤ 12``, ``3–5`` (``−3 to 5``); None without a target."""
    if low is not None and high is not None:
        dash = "–" if low >= 0 else " to "
        return Goal("", "between", f"{style.bare_target(low)}{dash}{style.bare_target(high)}")
    if target is None:
        return None
    sign, word = ("≤", "at most") if direction == "lower" else ("≥", "at least")
    return Goal(sign, word, style.bare_target(target))


def goal_in_full(style: Style, direction: str, target: Number | None, low: Number | None, high: Number | None) -> str:
    """The same with its unit, unscaled: ``≥ 82 %``, ``65–85 %``, ``€3–€5``; – without a target."""
    if low is not None and high is not None:
        first = style.full_target(low) if style.unit == "currency" else trimmed(low, agreed_decimals(low))
        return f"{first}{'–' if low >= 0 else ' to '}{style.full_target(high)}"
    if target is None:
        return NOTHING
    return f"{'≤' if direction == 'lower' else '≥'} {style.full_target(target)}"


def goal_in_short(style: Style, direction: str, target: Number | None, low: Number | None, high: Number | None) -> str:
    """The same in the scale of the values beside it: ``≥ 24.5 M€``."""
    found = goal(style, direction, target, low, high)
    if found is None or not style.scale.power:
        return goal_in_full(style, direction, target, low, high)
    return f"{found.sign} {found.number} {style.label}".strip()


def target_words(style: Style, direction: str, target: Number | None, low: Number | None, high: Number | None) -> str:
    """``at least 82 %``, ``at most 12``, ``between 3 and 5``; ``no target`` without one."""
    if low is not None and high is not None:
        return f"between {style.full_target(low)} and {style.full_target(high)}"
    if target is None:
        return "no target"
    return f"{'at most' if direction == 'lower' else 'at least'} {style.full_target(target)}"


@dataclass(frozen=True, slots=True)
class Change:
    """A change since the previous period, in the KPI's unit, with its own arrow and judgement.

    ``amount`` is without the unit, for a table whose row names it. ``judgement`` is ``better``, ``worse``,
    ``unchanged``, or empty where the direction is a range.
    """

    amount: str
    arrow: str
    judgement: str
    style: Style = field(default=Style(), compare=False, repr=False)

    @property
    def full(self) -> str:
        """The amount with its unit: ``+1.2 points``, ``−€120``, ``+0.0 days``."""
        digits = self._digits
        return f"{self.amount.removesuffix(digits)}{self.style.apart(digits)}"

    @property
    def words(self) -> str:
        """``up 1.2 points, better``: for those who hear the page, and where there is room."""
        if self.judgement == "unchanged":
            return "unchanged"
        way = {"↑": "up", "↓": "down"}[self.arrow]
        least, digits = ("", self._digits) if _seen(self.amount) else ("less than ", self._least)
        return f"{way} {least}{self.style.apart(digits)}" + (f", {self.judgement}" if self.judgement else "")

    @property
    def _digits(self) -> str:
        return self.amount.lstrip(f"+{MINUS}")

    @property
    def _least(self) -> str:
        places = self.style.shown_decimals
        return number(Fraction(1, 10**places), places)


def _seen(amount: str) -> bool:
    return any(digit in amount for digit in "123456789")


def change(style: Style, direction: str, actual: Number | None, previous: Number | None) -> Change | None:
    """The change from previous to actual; None where either is missing.

    Judged by the exact values. One that rounds to nothing shows its first digit, ``−0.04`` beside 7.9: ``−0.0``
    says that something changed and hides what. Where four more decimals do not do, it is less than the last
    digit in words: beside a target ``<0.1`` reads as a bound.
    """
    if actual is None or previous is None:
        return None
    difference = exact_of(actual) - exact_of(previous)
    style = style.showing(difference)
    amount = style.bare(abs(difference))
    if not difference:
        return Change(amount, "→", "unchanged", style)
    rises = difference > 0
    judgement = "" if direction == "range" else "better" if rises == (direction == "higher") else "worse"
    return Change(f"{'+' if rises else MINUS}{amount}", "↑" if rises else "↓", judgement, style)


# Counts and time


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 fact``, ``2,451 facts``."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def months_words(with_data: int, expected: int) -> str:
    """``2 of 3 months``; ``1 of 1 month``."""
    return f"{with_data} of {counted(expected, 'month')}"


def month_name(month: Month | int) -> str:
    """``September 2011``."""
    return f"{MONTH_NAMES[month % 100 - 1]} {month // 100}"


def short_month(month: Month | int) -> str:
    """``Sep 2011``."""
    return f"{MONTH_NAMES[month % 100 - 1][:3]} {month // 100}"


def day_name(day: date) -> str:
    """``3 May 2026``."""
    return day_in_digits(day) or f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """``3 May 2026``, ``12 Sep 2026``: for a narrow column."""
    return day_in_digits(day) or f"{day.day} {MONTH_NAMES[day.month - 1][:3]} {day.year}"


def times(count: int) -> str:
    """``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def month_span(first: Month, last: Month) -> str:
    """``July to September 2011``, ``April 2018 to March 2019``, ``July 2011`` where both are one."""
    if first == last:
        return month_name(first)
    start = MONTH_NAMES[first % 100 - 1] if first // 100 == last // 100 else month_name(first)
    return f"{start} to {month_name(last)}"


def period_name(period: Period) -> str:
    """``September 2011``, ``Quarter 3, 2011``, ``Year 2011``."""
    if period.kind is Kind.MONTH:
        return month_name(period.first)
    return f"Quarter {period.number}, {period.year}" if period.kind is Kind.QUARTER else f"Year {period.year}"


def period_months(period: Period) -> str:
    """Which months those are: ``July to September 2011``; empty for a month, and for a calendar year."""
    if period.kind is Kind.MONTH or (period.kind is Kind.YEAR and period.calendar.start_month == 1):
        return ""
    return month_span(period.first, period.last)


def ago(moment: datetime, now: datetime) -> str:
    """``just now``, ``3 minutes ago``, ``5 hours ago``, ``yesterday``; the day from then on."""
    age = now - moment
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{counted(age // timedelta(minutes=1), 'minute')} ago"
    if age < timedelta(days=1):
        return f"{counted(age // timedelta(hours=1), 'hour')} ago"
    if (now.date() - moment.date()).days == 1:
        return "yesterday"
    return f"on {day_name(moment)}"


def duration(seconds: float) -> str:
    """``under a second``, ``42 seconds``, ``3 minutes 5 seconds``, ``1 hour 2 minutes``."""
    whole = int(seconds)
    if whole < 1:
        return "under a second"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [counted(n, w) for n, w in ((hours, "hour"), (minutes, "minute"), (rest, "second")) if n]
    return " ".join(parts[:2])


def some_of(names: Iterable[str], most: int = 2) -> str:
    """``Warehouse lights, Faster replies and 1 more``: the first few different names, for a subject."""
    different = list(dict.fromkeys(names))
    more = [f"{len(different) - most} more"] if len(different) > most else []
    return sentence_list([*different[:most], *more])


def sentence_list(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = list(items) or [""]
    return f"{', '.join(most)} and {last}" if most else last
