"""The chain of a moment of truth and its weakest link, once more from the rules alone, asked step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

STEPS = (
    *("criterion", "metric", "measured", "target", "kept", "worked_on"),
    *("benefit_planned", "benefit_approved", "benefit_realised"),
)


@dataclass(frozen=True)
class Moment:
    """A moment: its metrics are KPIs with a tier or, without, of all tiers of the moment; no tiers are all."""

    code: str
    criterion: str = ""
    metrics: tuple[tuple[str, str | None], ...] = ()
    tiers: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    initiatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A metric in a tier, in the period shown; ``aimed``: an approved target, or a range, stands."""

    kpi: str
    tier: str
    has_value: bool = False
    facts: int = 0
    aimed: bool = False
    status: str = "no_data"


@dataclass(frozen=True)
class Work:
    """An initiative: whether it runs, how by schedule, the KPIs that it names with a tier or without, its tiers."""

    code: str
    running: bool = True
    status: str = "on_schedule"
    names: tuple[tuple[str, str | None], ...] = ()
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Benefit:
    """A benefit of an initiative by name: whether a version is approved, what it should have brought, and brought."""

    initiative: str
    name: str
    approved: bool = False
    to_date: Fraction | None = None
    realised: Fraction | None = None


@dataclass(frozen=True)
class Pain:
    """What customers complain of, in the period shown."""

    theme: str
    tier: str | None
    mentions: int
    severity: int


@dataclass
class Shown:
    """All that stands in a period; ``tiers`` are the company's."""

    tiers: tuple[str, ...]
    cells: list[Cell] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    benefits: list[Benefit] = field(default_factory=list)
    pain: list[Pain] = field(default_factory=list)

    def cell(self, kpi: str, tier: str) -> Cell:
        """The cell; an empty one where there is none."""
        return next((one for one in self.cells if (one.kpi, one.tier) == (kpi, tier)), Cell(kpi, tier))


def columns(shown: Shown, moment: Moment, kpi: str, named: str | None) -> list[str]:
    """The tiers in which a metric is asked: the one named, else the moment's, else those that know of it."""
    if named is not None:
        return [named]
    if moment.tiers:
        return list(moment.tiers)
    return [tier for tier in shown.tiers if shown.cell(kpi, tier).facts > 0 or shown.cell(kpi, tier).aimed]


def cells_of(shown: Shown, moment: Moment) -> list[Cell]:
    """All its metrics in all its tiers, each once."""
    places = [(kpi, tier) for kpi, named in moment.metrics for tier in columns(shown, moment, kpi, named)]
    return [shown.cell(*place) for place in dict.fromkeys(places)]


def serves(work: Work, cell: Cell) -> bool:
    """It names the KPI with that tier, or without one and is for all tiers or for it; all customers': if at all."""
    if cell.tier == "all":
        return any(kpi == cell.kpi for kpi, _ in work.names)
    wide = (cell.kpi, None) in work.names and (not work.tiers or cell.tier in work.tiers)
    return wide or (cell.kpi, cell.tier) in work.names


def is_kept(cell: Cell) -> bool:
    """Met or near."""
    return cell.status in ("met", "near")


def is_worked_on(shown: Shown, cell: Cell) -> bool:
    """A running initiative serves it that isn't late."""
    return any(one.running and one.status != "late" and serves(one, cell) for one in shown.work)


def has_all(shown: Shown, moment: Moment, answers: Sequence[bool]) -> bool:
    """Whether each answer is yes, and each of its metrics was asked in some tier."""
    asked = [columns(shown, moment, *metric) for metric in moment.metrics]
    return bool(asked) and all(asked) and all(answers)


def brought(benefit: Benefit) -> bool:
    """It brought what it should have by now."""
    if not benefit.approved or benefit.realised is None or benefit.to_date is None:
        return False
    return benefit.realised >= benefit.to_date


def chain(shown: Shown, moment: Moment) -> dict[str, bool]:
    """Each step, and whether it is so."""
    cells = cells_of(shown, moment)
    benefits = [one for one in shown.benefits if one.initiative in moment.initiatives]
    answers = {
        "criterion": bool(moment.criterion.strip()),
        "metric": bool(moment.metrics),
        "measured": has_all(shown, moment, [cell.has_value for cell in cells]),
        "target": has_all(shown, moment, [cell.aimed for cell in cells]),
        "kept": has_all(shown, moment, [is_kept(cell) for cell in cells]),
        "worked_on": has_all(shown, moment, [is_kept(cell) or is_worked_on(shown, cell) for cell in cells]),
        "benefit_planned": bool(benefits),
        "benefit_approved": bool(benefits) and all(one.approved for one in benefits),
        "benefit_realised": bool(benefits) and all(brought(one) for one in benefits),
    }
    return {step: answers[step] for step in STEPS}


def weakest(shown: Shown, moment: Moment) -> str | None:
    """The first step that isn't so; none where all are."""
    answers = chain(shown, moment)
    return next((step for step, so in answers.items() if not so), None)


def weight(shown: Shown, moment: Moment) -> int:
    """The pain behind it: of its themes, in its tiers."""
    return sum(
        one.mentions * one.severity
        for one in shown.pain
        if one.theme in moment.themes and (not moment.tiers or one.tier in moment.tiers)
    )


def listed(shown: Shown, moments: Sequence[Moment]) -> list[tuple[str, int, str | None]]:
    """The moments with their weight and weakest link, the heaviest first; of equals by code."""
    found = [(moment.code, weight(shown, moment), weakest(shown, moment)) for moment in moments]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def counted(shown: Shown, moments: Sequence[Moment]) -> tuple[int, int, int, int]:
    """How many there are, are measured, are kept, and how many nobody works on."""
    chains = [chain(shown, moment) for moment in moments]
    return (
        len(chains),
        sum(one["measured"] for one in chains),
        sum(one["kept"] for one in chains),
        sum(not one["worked_on"] for one in chains),
    )
