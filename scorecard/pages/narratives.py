"""Narratives as pages show them: beside a cell with the form to write one, and those of a period in a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.access import may_answer
from accounts.company import today_of
from accounts.models import Company, User
from accounts.reading.people import who_can_act
from core.formatting import counted, short_day, target_words
from core.periods import Period
from core.registry import Panel, PanelPlace, Subject
from customers.choices import TierScope
from initiatives.reading.running_initiatives import CellServing, read_cell_serving
from kpis.choices import Signal
from kpis.reading.matrix import Cell
from kpis.reading.subjects import AskedKpi
from scorecard.forms.narratives import NarrativeForm
from scorecard.models import Edition, Narrative
from scorecard.reading.editions import document_of
from scorecard.reading.narratives import narratives_of, wanted
from scorecard.reading.references import CellBook, cell_style, frozen_reads
from scorecard.services.narratives import may_narrate

TEMPLATE = "scorecard/narratives/panel.html"


@dataclass(frozen=True, slots=True)
class ShownNarrative:
    """A narrative as it reads: ``told`` is ``Elif Aydin, 26 Nov 2026, version 2``, ``doing`` whose its action is and
    until when; both are empty where there is none. ``late``: the action was due and is not done.
    """

    name: str
    url: str
    text: str
    action: str
    doing: str
    done: bool
    late: bool
    told: str


@dataclass(frozen=True, slots=True)
class NarrativePanel:
    """What was written of a cell, whether it is asked for, and the form; None for who writes none.

    ``asked`` says why it is asked for, ``machine`` what there is to say where it isn't; ``signed`` how the latest
    edition has it, where that is another; ``tick_url`` is empty for who does not tick its action off.
    """

    asked: str
    machine: str
    shown: ShownNarrative | None
    signed: str
    form: NarrativeForm | None
    url: str
    tick_url: str
    example: str

    @property
    def is_open(self) -> bool:
        """Whether the form stands open: what is asked for and not written, or was refused."""
        return self.form is not None and (self.form.is_bound or (bool(self.asked) and self.shown is None))


def narrative_panels(subject: Subject, reader: User) -> Iterator[Panel]:
    """Beside a cell."""
    yield narrative_panel(subject, reader)


def narrative_panel(subject: Subject, reader: User, refused: NarrativeForm | None = None) -> Panel:
    """What was written of a cell: one query, and one for each of the values it names, the people who may act, and
    what serves a capability gap, where there are any.
    """
    asked: AskedKpi = subject.about
    row = _row_of(asked)
    today = today_of(asked.company)
    book = CellBook.of_texts([row.analysis] if row else [], asked.period, today, asked.company.currency)
    writes = may_narrate(reader, asked.kpi)
    form = refused or (NarrativeForm(people=who_can_act(), row=row) if writes else None)
    ticks = row is not None and row.action and (reader.pk in {row.owner_id, row.by_id} or may_answer(reader, subject))
    why, machine = _asked(asked, today)
    shown = NarrativePanel(
        asked=why,
        machine="" if row else machine,
        shown=_shown(row, book, today) if row else None,
        signed=_signed(row, asked.period) if row else "",
        form=form if writes else None,
        url=reverse("cell_narrative", args=[asked.period.code, asked.kpi.code, asked.tier.code if asked.tier else ""]),
        tick_url=reverse("narrative_tick", args=[row.pk]) if row and ticks else "",
        example=f"[[{asked.kpi.code}@{asked.tier.code if asked.tier else ''}]]",
    )
    return Panel(PanelPlace.NARRATIVE, TEMPLATE, shown, "narrative")


def with_form(rail: Sequence[Panel], subject: Subject, reader: User, refused: NarrativeForm | None) -> Sequence[Panel]:
    """A rail with the form of a narrative that was refused in the place of its panel; as it is where none was."""
    if refused is None:
        return rail
    return [
        narrative_panel(subject, reader, refused) if panel.place == PanelPlace.NARRATIVE else panel for panel in rail
    ]


def _row_of(asked: AskedKpi) -> Narrative | None:
    rows = Narrative.objects.filter(period=asked.period.code, kpi=asked.kpi.pk, tier=asked.tier)
    return rows.select_related("kpi", "tier", "by", "owner").first()


def _asked(asked: AskedKpi, today: date) -> tuple[str, str]:
    """Why a narrative is asked for, and else what the machine says."""
    cells, _ = asked.read
    cell = next((one for one in cells if asked.tier and one.tier.pk == asked.tier.pk), None)
    if cell is None:
        return "", ""
    serving = read_cell_serving(today) if any(one.is_gap for one in cells) else None
    found = wanted(asked.kpi, cell, serving)
    others = [one for one in cells if one.tier.scope != TierScope.ALL and wanted(asked.kpi, one, serving)]
    if found and not (cell.tier.scope == TierScope.ALL and others):
        return found.words(asked.company.currency), ""
    return "", _machine(asked, cell, serving, [one.tier.name for one in others] if found else [])


def _machine(asked: AskedKpi, cell: Cell, serving: CellServing | None, others: list[str]) -> str:
    """A sentence on a cell that nobody has to explain."""
    kpi, style = asked.kpi, cell_style(asked.kpi, cell, asked.company.currency)
    if cell.actual is None:
        return "There is no value, so that there is nothing to explain."
    aim = target_words(style, kpi.direction, cell.target, cell.low, cell.high)
    value = f"{style.full(cell.actual)}, {aim}, {cell.status.label}."
    if others:
        return f"{value} It is asked of {' and '.join(others)}, whose numbers these are again."
    if cell.signal == Signal.BETTER:
        return f"{value} It really got better: a narrative is welcome, none is asked for."
    running = serving.of(kpi.pk, cell.tier).running if serving and cell.is_gap else 0
    if running:
        serves = "serves" if running == 1 else "serve"
        return f"{value} It will go on missing its target; {counted(running, 'running initiative')} {serves} it."
    return f"{value} No signal that it got worse: nobody has to explain it."


def _signed(row: Narrative, period: Period) -> str:
    """How the latest edition has the narrative where it is another one by now; empty where it isn't."""
    edition = Edition.objects.filter(period=period.code).order_by("-number").first()
    if edition is None:
        return ""
    frozen = document_of(edition)["narratives"]
    mine = next((one for one in frozen if (one["kpi"], one["tier"]) == (row.kpi.code, row.tier.code)), None)
    if mine is None:
        return f"It was written after edition {edition.number}, which does not have it."
    same = mine["version"] == row.revision
    return "" if same else f"Edition {edition.number} has version {mine['version']}: “{frozen_reads(mine)}”"


# -- of a period


def live_narratives(period: Period, company: Company, today: date) -> list[ShownNarrative]:
    """All of a period as they read today: a query, and those for the values that they name."""
    rows = narratives_of(period)
    book = CellBook.of_texts([row.analysis for row in rows], period, today, company.currency)
    return [_shown(row, book, today) for row in rows]


def _shown(row: Narrative, book: CellBook, today: date) -> ShownNarrative:
    version = f", version {row.revision}" if row.revision > 1 else ""
    done = row.done_at is not None
    return ShownNarrative(
        name=f"{row.kpi.name}, {row.tier.name}",
        url=f"{reverse('cell', args=[row.period, row.kpi.code, row.tier.code])}#narrative",
        text=book.reads(row.analysis),
        action=row.action,
        doing=_doing(str(row.owner), row.due, done=done) if row.due else "",
        done=done,
        late=not done and row.due is not None and row.due < today,
        told=f"{row.by}, {short_day(localdate(row.at))}{version}",
    )


def frozen_narratives(document: Mapping[str, Any], people: Mapping[str, str]) -> list[ShownNarrative]:
    """Those of an edition with the values that were frozen; ``people`` are its names by key."""
    return [_of_edition(one, document["period"], people) for one in document["narratives"]]


def _of_edition(one: Mapping[str, Any], period: str, people: Mapping[str, str]) -> ShownNarrative:
    action = one["action"] or {}
    due = date.fromisoformat(action["due"]) if action else None
    version = f", version {one['version']}" if one["version"] > 1 else ""
    at = short_day(date.fromisoformat(one["at"][:10]))
    return ShownNarrative(
        name=f"{one['name']}, {one['column']}",
        url=reverse("cell", args=[period, one["kpi"], one["tier"]]),
        text=frozen_reads(one),
        action=action.get("text", ""),
        doing=_doing(_person(action["owner"], people), due, done=False) if action else "",
        done=False,
        late=False,
        told=f"{_person(one['by'], people)}, {at}{version}",
    )


def _person(key: Mapping[str, int], people: Mapping[str, str]) -> str:
    return people.get(str(key["person"]), "somebody")


def _doing(owner: str, due: date | None, *, done: bool) -> str:
    return f"{owner}, {'done' if done else 'until'}{'' if done or due is None else f' {short_day(due)}'}"


def summary_of(document: Mapping[str, Any]) -> str:
    """The summary of an edition, or of one that is prepared, with its values in the reader's signs."""
    source = document.get("summary_source")  # what was issued before there were references has none
    return frozen_reads(source) if source else document.get("summary") or ""
