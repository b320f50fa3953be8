"""Each step of a moment's chain in words: of what it is so, of what not, and where that is seen or mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from core.editions import Served, carrying
from core.formatting import counted, number, some_of
from initiatives.choices import ScheduleStatus
from initiatives.formulas import ChainLink
from initiatives.pages.counts import list_address
from initiatives.reading.benefits import Brought
from initiatives.reading.moments import Chain, MetricCell, promise_of
from initiatives.services.moments import may_word


@dataclass(frozen=True, slots=True)
class Said:
    """Why a step holds or does not; ``url`` leads to where it is seen, ``act`` says what to do there."""

    detail: str
    url: str = ""
    act: str = ""


class StepWriter:
    """Writes the steps of one chain for one person."""

    def __init__(self, chain: Chain, served: Served, user: User) -> None:
        self.chain, self.moment, self.served, self.user = chain, chain.moment, served, user

    def step(self, link: ChainLink) -> Said:
        """One of them."""
        write: Callable[[ChainLink], Said] = getattr(self, f"_{link.step.value}")
        return write(link)

    def _criterion(self, link: ChainLink) -> Said:
        if link.holds:
            return Said("It is said in the customer’s own words.")
        url = reverse("moment_criterion", args=[self.moment.code]) if may_word(self.user) else ""
        return Said("Nobody has written down what success means to the customer here.", url, "Word it")

    def _metric(self, link: ChainLink) -> Said:
        if link.holds:
            kpis = {one.kpi.code: one.kpi.name for one in self.chain.cells}
            return Said(some_of(kpis.values(), 3))
        return Said("No KPI says whether it goes well.", self._editing, "Name one")

    def _measured(self, link: ChainLink) -> Said:
        missing = [one for one in self.chain.cells if not one.measure.measured]
        return self._of_cells(link, missing, "has a value", "have a value", "no value", "See what is missing")

    def _target(self, link: ChainLink) -> Said:
        missing = [one for one in self.chain.cells if not one.measure.aimed]
        said = self._of_cells(link, missing, "has an approved target", "have an approved target", "none", "")
        may = self.user.has_perm(Right.PROPOSE_TARGETS) or self.user.has_perm(Right.PROPOSE_OWN_TARGETS)
        return (
            Said(said.detail, reverse("targets"), "Propose a target" if may else "See the targets") if missing else said
        )

    def _kept(self, link: ChainLink) -> Said:
        missing = [one for one in self.chain.cells if not one.measure.kept]
        return self._of_cells(link, missing, "is met or near", "are met or near", "not", "See why")

    def _of_cells(self, link: ChainLink, missing: list[MetricCell], one: str, many: str, lacks: str, act: str) -> Said:
        if not link.of:
            return Said("There is no metric to ask.")
        if not missing:
            return Said(f"{'It' if link.of == 1 else f'All {number(link.of)}'} {one if link.of == 1 else many}.")
        names = some_of(map(self._words, missing))
        first = missing[0]
        if link.of == 1:
            return Said(f"{names}: {lacks}.", self._address(first), act)
        return Said(f"{number(link.done)} of {number(link.of)} {many}; {lacks}: {names}.", self._address(first), act)

    def _worked_on(self, link: ChainLink) -> Said:
        if not link.asks:
            return Said("It is kept: nothing has to be mended.")
        if not link.of:
            return Said("There is no metric that work could move.")
        left = [one for one in self.chain.cells if not one.measure.kept]
        idle = [one for one in left if not one.serving.running]
        late = [one for one in left if one.serving.running and not one.measure.worked_on]
        if idle:
            url = self._candidate(idle[0]) if self.user.has_perm(Right.CREATE_CANDIDATE) else ""
            return Said(f"Nothing that runs serves {some_of(map(self._words, idle))}.", url, "Start an initiative")
        if late:
            query = {"kpi": late[0].kpi.code, "stage": "in_progress", "status": ScheduleStatus.LATE.value}
            return Said(
                f"What serves {some_of(map(self._words, late))} is late.", list_address(query), "See what is late"
            )
        served = "it" if len(left) == 1 else "each"
        return Said(f"Something that runs, and is not late, serves {served}.", self._serving(left[0]))

    def _planned(self, link: ChainLink) -> Said:
        if link.holds:
            return Said(f"{counted(link.of, 'benefit')} of its initiatives.")
        linked = list(self.moment.initiatives.all())
        if not linked:
            return Said("No initiative is linked, so that no benefit is.", self._editing, "Link one")
        url = reverse("initiative", args=[linked[0].code])
        return Said(f"None of its {counted(len(linked), 'initiative')} promises a benefit.", url, "Plan one")

    def _approved(self, link: ChainLink) -> Said:
        if not link.of:
            return Said("There is no benefit to approve.")
        waiting = [one for one in self.chain.promises if not promise_of(one).approved]
        if not waiting:
            return Said("Finance approved it." if link.of == 1 else f"Finance approved all {number(link.of)}.")
        said = f"{number(link.done)} of {number(link.of)}; not yet: {_names(waiting)}."
        return Said(said, reverse("benefits"), "See what waits")

    def _realised(self, link: ChainLink) -> Said:
        if not link.of:
            return Said("There is no benefit to look for.")
        behind = [one for one in self.chain.promises if not promise_of(one).is_realised]
        if not behind:
            return Said(f"{'It' if link.of == 1 else 'Each'} brought what it should have by now.")
        url = reverse("initiative", args=[behind[0].benefit.initiative.code])
        said = f"{number(link.done)} of {number(link.of)} brought what they should have by now; not: {_names(behind)}."
        if link.of == 1:
            said = f"Not what it should have brought by now, or nobody can tell: {_names(behind)}."
        return Said(said, url, "See what it brought")

    # -- where

    @property
    def _editing(self) -> str:
        """Where this person changes what the moment is linked to, or proposes it; empty for who may neither."""
        if self.user.has_perm(Right.MANAGE_LINKS):
            return reverse("moment_edit", args=[self.moment.code])
        if self.user.has_perm(Right.PROPOSE_LINKS):
            return f"{reverse('moment_propose')}?{urlencode({'of': self.moment.code})}"
        return ""

    def _address(self, one: MetricCell) -> str:
        """The page that explains a cell; of what stands in no matrix, its KPI's."""
        if one.cell is None or one.tier is None:
            return reverse("kpi", args=[one.kpi.code])
        address = reverse("cell", args=[self.served.period.code, one.kpi.code, one.tier.code])
        return carrying(address, self.served)

    def _serving(self, one: MetricCell) -> str:
        return list_address({"kpi": one.kpi.code, "stage": "in_progress"})

    def _candidate(self, one: MetricCell) -> str:
        """The form of a new candidate, filled with the metric and the theme."""
        theme = next((link.theme for link in self.moment.theme_links.all()), "")
        kpi = f"{one.kpi.code}@{one.tier.code}" if one.tier else one.kpi.code
        given = {"title": f"Make it go well: {self.moment.name}", "theme": theme, "kpis": kpi}
        return f"{reverse('initiative_new')}?{urlencode({name: text for name, text in given.items() if text})}"

    @staticmethod
    def _words(one: MetricCell) -> str:
        return f"{one.kpi.name} in {one.tier.name if one.tier else 'any tier'}"


def _names(promises: Iterable[Brought]) -> str:
    return some_of(f"“{one.benefit.name}”" for one in promises)
