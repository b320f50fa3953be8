"""How events become facts: the rules, as a KPI's definition writes them.

A rule is written ``repeat_contacts(days=30)`` or ``dso``: its name, and its parameter where it has one. What it counts
is in ``kpis.services.deriving``; here is what it says, what a KPI of it must be, and which months it can tell of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

LONGEST = 60  # characters of a rule
_WRITTEN = re.compile(r"\s*([a-z_]+)\s*(?:\(\s*(?:([a-z_]+)\s*=\s*([0-9.]+)\s*)?\)\s*)?")


class RuleName(StrEnum):
    """The rules there are."""

    REPEAT_CONTACTS = "repeat_contacts"
    CONTACTS_PER_SOLVED_ISSUE = "contacts_per_solved_issue"
    DEEP_DISCOUNTS = "deep_discounts"
    HARD_PRICE_TALKS = "hard_price_talks"
    REFERRALS = "referrals"
    DSO = "dso"


@dataclass(frozen=True, slots=True)
class Parameter:
    """The one number of a rule: from ``least`` to ``most``, with so many decimals at most; ``usual`` where not said."""

    name: str
    least: int
    most: int
    decimals: int
    usual: int


@dataclass(frozen=True, slots=True)
class RuleKind:
    """What a rule asks of its KPI, and what it counts, in words.

    ``numerator`` and ``denominator`` may name the parameter. ``kinds`` are the kinds of events that it reads.
    """

    label: str
    unit: str
    direction: str
    time_method: str
    kinds: tuple[str, ...]
    numerator: str
    denominator: str
    parameter: Parameter | None = None


RULES: Mapping[RuleName, RuleKind] = {
    RuleName.REPEAT_CONTACTS: RuleKind(
        "Repeat contacts",
        *("percent", "lower", ""),
        ("issues", "contacts"),
        "contacts about an issue that was named at most {} days before",
        "contacts of the month",
        Parameter("days", 0, 366, 0, 30),
    ),
    RuleName.CONTACTS_PER_SOLVED_ISSUE: RuleKind(
        "Contacts per solved issue",
        *("number", "lower", ""),
        ("issues", "contacts"),
        "contacts up to and with the day of solving, of the issues solved in the month",
        "issues solved in the month",
    ),
    RuleName.DEEP_DISCOUNTS: RuleKind(
        "Deep discounts",
        *("percent", "lower", ""),
        ("deals",),
        "deals won in the month at more than {} % below the list",
        "deals won in the month that have a list value",
        Parameter("percent", 0, 100, 4, 20),
    ),
    RuleName.HARD_PRICE_TALKS: RuleKind(
        "Hard talks about the price",
        *("percent", "lower", ""),
        ("deals",),
        "deals won in the month for which hard talks about the price are said",
        "deals won in the month for which it is said whether there were any",
    ),
    RuleName.REFERRALS: RuleKind(
        "Customers who refer others",
        *("percent", "higher", ""),
        ("referrals",),
        "customers with a referral in the month",
        "customers on the book on the month’s last day, or with a referral in it",
    ),
    RuleName.DSO: RuleKind(
        "Days sales outstanding",
        *("days", "lower", "last"),
        ("invoices",),
        "what is open at the month’s end, times the days of its three months",
        "what was issued in the three months that end with it",
    ),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its parameter, None where it has none."""

    name: RuleName
    number: Decimal | None = None

    @property
    def kind(self) -> RuleKind:
        """What is said of all rules of its name."""
        return RULES[self.name]

    @property
    def text(self) -> str:
        """As a file writes it, in the one way: ``deep_discounts(percent=12.5)``."""
        parameter = self.kind.parameter
        return self.name.value if parameter is None else f"{self.name}({parameter.name}={self._number})"

    @property
    def words(self) -> tuple[str, str]:
        """What its numerator and its denominator count."""
        return self.kind.numerator.format(self._number), self.kind.denominator

    @property
    def days(self) -> int:
        """The days back that a contact of it looks; 0 of other rules."""
        return int(self.number or 0) if self.name == RuleName.REPEAT_CONTACTS else 0

    @property
    def _number(self) -> str:
        text = f"{self.number or 0:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


class BadRule(ValueError):
    """A text is no rule; its words say why, to be read after the field's name."""


def read_rule(text: str) -> Rule:
    """The rule that a text says. Raises BadRule."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found[1] not in {*RuleName}:
        raise BadRule(f"“{text}” is no rule; the rules are {', '.join(map(_pattern, RULES))}")
    name = RuleName(found[1])
    parameter = RULES[name].parameter
    if parameter is None:
        if found[2]:
            raise BadRule(f"{name} takes no {found[2]}: write {name}")
        return Rule(name)
    if found[2] != parameter.name:
        raise BadRule(f"{name} needs its {parameter.name}: write {_pattern(name)}")
    return Rule(name, _number(found[3], parameter))


def _number(text: str, parameter: Parameter) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadRule(f"{text} is no number of {parameter.name}") from None
    whole = number == number.quantize(Decimal(1).scaleb(-parameter.decimals)) if number < 10_000 else False
    if not (parameter.least <= number <= parameter.most and whole):
        kind = "a whole number" if not parameter.decimals else f"a number of at most {parameter.decimals} decimals"
        raise BadRule(f"{parameter.name} must be {kind} from {parameter.least} to {parameter.most}, not {text}")
    return number


def _pattern(name: RuleName) -> str:
    parameter = RULES[name].parameter
    return name.value if parameter is None else f"{name}({parameter.name}={parameter.usual})"


def usual_rules() -> list[tuple[str, str]]:
    """Each rule with its usual parameter, and what it is called."""
    return [(_pattern(name), kind.label) for name, kind in RULES.items()]


def rule_in(text: str) -> Rule | None:
    """The rule of a stored text; None of an empty one."""
    return read_rule(text) if text else None


def clean_rule(text: str) -> str:
    """The same text in the one way to write it. Raises BadRule."""
    return read_rule(text).text if text else ""


def normal_rule(text: str) -> str:
    """The same text in the one way to write it; what is no rule is kept, for the rules of a KPI to refuse."""
    try:
        return clean_rule(text)
    except BadRule:
        return text
