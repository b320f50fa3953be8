"""What deciding on planned benefits does to the sums of those that are approved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from initiatives.reading.benefits import COUNTED, Brought


@dataclass(frozen=True, slots=True)
class Sums:
    """What approved benefits in money come to, in the company's: in a year, and by the day."""

    planned: Fraction
    to_date: Fraction


def sums_after(approved: Sequence[Brought], coming: Collection[Brought] = (), gone: Collection[Brought] = ()) -> Sums:
    """The sums were ``coming`` approved, each in place of the version of its name, and ``gone`` approved no more."""
    replaced = {_key(one) for one in (*coming, *gone)}
    standing = (*(one for one in approved if _key(one) not in replaced), *coming)
    counted = [one for one in standing if counts(one)]
    return Sums(
        sum((one.planned or Fraction(0) for one in counted), Fraction(0)),
        sum((one.to_date or Fraction(0) for one in counted), Fraction(0)),
    )


def counts(one: Brought) -> bool:
    """Whether sums count it once it is approved: in money, with a rate, of an initiative at a stage that counts."""
    return one.in_money and not one.without_rate and one.benefit.initiative.stage in COUNTED


def in_force(one: Brought, approved: Sequence[Brought]) -> Brought | None:
    """The approved version of its name; None for none."""
    return next((other for other in approved if _key(other) == _key(one)), None)


def _key(one: Brought) -> tuple[int, str]:
    return one.benefit.initiative_id, one.benefit.name
