"""What looks odd about proposed KPIs: said beside each, and for some of it why it cannot be taken in as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from accounts.models import Department, User
from kpis.models import Kpi, KpiProposal
from kpis.rules.formula import inputs_of


@dataclass(slots=True)
class Doubts:
    """About a proposal: ``odd`` is worth a look, ``against`` keeps it out until it is changed."""

    odd: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @property
    def all(self) -> tuple[str, ...]:
        """Both, the graver first."""
        return (*self.against, *self.odd)


def doubts_about(proposals: Collection[KpiProposal]) -> dict[int, Doubts]:
    """What is odd about each of them, by id: four queries, however many there are."""
    if not proposals:
        return {}
    known = _Known.read(proposals)
    return {one.pk: Doubts(list(known.odd(one)), list(known.against(one))) for one in proposals}


@dataclass(frozen=True, slots=True)
class _Known:
    """The library and its people, as far as proposals name them."""

    codes: frozenset[str]
    names: frozenset[str]
    departments: frozenset[str]
    people: dict[str, bool]
    asked: Counter[str]

    @classmethod
    def read(cls, proposals: Collection[KpiProposal]) -> _Known:
        kpis = Kpi.objects.values_list("code", "name")
        emails = {one.values.get("owner") for one in proposals} - {None, ""}
        return cls(
            frozenset(code for code, _ in kpis),
            frozenset(name.casefold() for _, name in kpis),
            frozenset(Department.objects.values_list("code", flat=True)),
            dict(User.objects.filter(email__in=emails).values_list("email", "is_active")),
            Counter(str(one.values.get("code")) for one in proposals),
        )

    def against(self, one: KpiProposal) -> Iterator[str]:
        """What the library would refuse."""
        code, values = one.values.get("code", ""), one.values
        if code in self.codes:
            yield f"the library has a KPI with the code “{code}”: look it over and give it another"
        if lacking := sorted(inputs_of(values.get("formula") or "") - self.codes):
            yield f"its formula names {', '.join(lacking)}, which the library does not have"
        for name, there in (("department", self.departments), ("facts_of", self.codes), ("owner", self.people)):
            if (named := values.get(name)) and named not in there:
                yield f"there is no {named} any more"
        if (owner := values.get("owner")) and self.people.get(owner) is False:
            yield f"its owner {owner} was deactivated: look it over and name another"

    def odd(self, one: KpiProposal) -> Iterator[str]:
        """What a steward should see first."""
        code = str(one.values.get("code"))
        if code not in self.codes and str(one).casefold() in self.names:
            yield "the library has a KPI of this name"
        if self.asked[code] > 1:
            yield "another one with this code waits as well: only one of them can be taken in"
        if not one.values.get("owner"):
            yield "nobody owns it"
