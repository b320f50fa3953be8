"""The page of weights: those that stand, the form of the next set, and every set that was ever written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from accounts.rights import Right
from core.formatting import month_name
from core.periods import Month, shift
from core.stale import stamped
from kpis.forms.weights import TakeWeightsBackForm, WeightsForm
from kpis.models import WeightSet
from kpis.reading.weights import revision, shares_of
from kpis.rules.weights import percent_text


@dataclass(frozen=True, slots=True)
class ShownSet:
    """One set: from when to when it stands (``span``; what became of it where it doesn't), its KPIs with percents."""

    row: WeightSet
    since: str
    span: str
    shares: Sequence[tuple[str, str, str]]
    form: TakeWeightsBackForm | None


class WeightsPage:
    """What ``/kpis/weights/`` shows to a person, in a constant number of queries."""

    def __init__(self, user: User, today: Month, form: WeightsForm | None = None) -> None:
        """``form`` is one that was sent and refused; ``today`` the running month."""
        self.may_write = user.has_perm(Right.SET_STEPS)
        rows = WeightSet.objects.select_related("by", "taken_back_by").prefetch_related("weights__kpi")
        self._rows = list(rows)
        self._today = today
        self.form = form or (fresh_form(shares_of(self._newest), today) if self.may_write else None)
        self.sets = [self._shown(row) for row in self._rows]

    @property
    def _standing(self) -> list[WeightSet]:
        """One of each month, the latest month first."""
        found: dict[int, WeightSet] = {}
        for row in self._rows:
            if row.taken_back_at is None:
                found.setdefault(row.from_month, row)
        return list(found.values())

    @property
    def _newest(self) -> WeightSet | None:
        """What a next set most likely begins from."""
        return next(iter(self._standing), None)

    @property
    def now(self) -> str:
        """Whether there is a composite today, in a sentence."""
        standing = next((row for row in self._standing if row.from_month <= self._today), None)
        if standing is None:
            return "No weights stand today, so that there is no composite."
        return f"The weights from {month_name(standing.from_month)} on stand today."

    def _shown(self, row: WeightSet) -> ShownSet:
        may = self.may_write and row.taken_back_at is None
        return ShownSet(
            row=row,
            since=month_name(row.from_month),
            span=" ".join(self._span(row)),
            shares=[(one.kpi.code, one.kpi.name, percent_text(one.percent)) for one in row.weights.all()],
            form=TakeWeightsBackForm(prefix=f"set-{row.pk}") if may else None,
        )

    def _span(self, row: WeightSet) -> Iterator[str]:
        standing = self._standing
        if row.taken_back_at is not None:
            yield f"taken back{f' by {row.taken_back_by}' if row.taken_back_by else ''}:"
            yield row.why_taken_back
        elif row not in standing:
            yield "replaced by a later set from the same month"
        else:
            place = standing.index(row)
            following = standing[place - 1] if place else None
            until = month_name(shift(Month(following.from_month), -1)) if following else ""
            yield f"stands until {until}" if until else "stands from then on"


def fresh_form(weights: Mapping[str, Decimal], today: Month) -> WeightsForm:
    """The form of a next set, beginning with the weights of the latest one."""
    return WeightsForm(weights=weights, initial={"from_month": today, "seen": stamped(revision())})
