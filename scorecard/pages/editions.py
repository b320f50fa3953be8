"""What the pages of scorecards show: which are closed, what is missing of one, what differs from its edition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse

from accounts.models import Company, User
from accounts.rights import Right
from core.formatting import Style, counted, month_name, period_name, sentence_list, trimmed
from core.periods import Period
from core.sentences import Phrase, Sentence
from kpis.models import Kpi
from scorecard.models import Closing, Edition
from scorecard.pages.closing import Checklist, show_checklist
from scorecard.pages.edition_cells import Value, missed_of, style_in, values_beside
from scorecard.pages.narratives import (
    ShownNarrative,
    frozen_narratives,
    live_narratives,
    summary_of,
)
from scorecard.reading.bridges import Bridges, Step
from scorecard.reading.checklist import read_checklist
from scorecard.reading.edition_document import read_content, read_matrix
from scorecard.reading.editions import (
    DifferingCell,
    differing_cells,
    document_of,
    names_of,
    sections_that_differ,
    written_summary,
)
from scorecard.reading.scorecards import Scorecard
from scorecard.rules.editions import period_problems

_SAID = {"load": "entered", "complete_when": "whether months are confirmed", "step": "a step of its limits"}
STATES = {"open": "open", "closed": "closed", "differs": "differs from edition {}"}


@dataclass(frozen=True, slots=True)
class Line:
    """A period in the list of scorecards."""

    name: str
    url: str
    state: str
    said: str
    latest: Edition | None


def lines_of(found: Sequence[Scorecard]) -> list[Line]:
    """The list, the latest first."""
    return [Line(period_name(one.period), _url(one.period), one.state, _said(one), one.latest) for one in found]


def _url(period: Period) -> str:
    return reverse("scorecard", args=[period.code])


def _said(one: Scorecard) -> str:
    words = STATES[one.state].format(one.latest.number if one.latest else "")
    return f"{words}, edition {one.closing.number} is prepared" if one.closing else words


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A row of a bridge: ``what`` and ``who`` did it, and what it changed, with signs; empty where it has no such, and
    all of them where the verdict or the signal alone is another. ``where`` is the month whose data it changed, and the
    input by which a calculated value is another.
    """

    what: str
    where: str
    who: str
    at: datetime | None
    numerator: str
    denominator: str
    facts: str
    effect: str


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A cell then and now."""

    name: str
    url: str
    then: Value
    now: Value
    turned: bool
    steps: tuple[ShownStep, ...]

    @property
    def by(self) -> str:
        """What made the difference, each once: ``load 12, tier move``; empty where no number is another."""
        return ", ".join(dict.fromkeys(step.what for step in self.steps))


@dataclass(frozen=True, slots=True)
class Issued:
    """An edition in the list of all, with how many targets it says were missed: ``18 of 98``."""

    edition: Edition
    missed: str


@dataclass(frozen=True, slots=True)
class ScorecardPage:
    """A period that can be closed, or was. ``why_not`` says why it cannot; ``number`` is of the next edition.

    ``others`` are the parts beside the cells that are another by now, ``prepared`` is what waits to be signed.
    """

    period: Period
    title: Sentence
    lead: str
    why_not: str
    number: int
    checklist: Checklist
    missing: int
    others: tuple[str, ...]
    differences: tuple[ShownDifference, ...]
    closing: Closing | None
    prepared: Mapping[str, Any] | None
    ledger: tuple[Issued, ...]
    missed_now: str
    latest: Edition | None
    waivers: tuple[Mapping[str, Any], ...]
    reason: str
    summary: str
    summary_written: str
    narratives: tuple[ShownNarrative, ...]
    holds: str
    before: Edition | None
    signers: str
    may_prepare: bool
    may_sign: bool

    @property
    def is_closed(self) -> bool:
        """Whether there is an edition."""
        return self.latest is not None

    @property
    def summary_to_sign(self) -> str:
        """The summary of what is prepared."""
        return summary_of(self.prepared) if self.prepared else ""

    @property
    def has_steps(self) -> bool:
        """Whether the page says how an edition is prepared and signed."""
        return self.closing is not None or not self.is_closed or self.may_prepare

    @property
    def can_prepare(self) -> bool:
        """Whether nothing stands in the way of preparing; of a further edition the service asks what differs."""
        return not (self.missing or self.why_not)

    @property
    def differs(self) -> bool:
        """Whether anything is another than the latest edition has it, so that a further one may be issued."""
        return bool(self.differences or self.others)


def scorecard_page(period: Period, company: Company, today: date, user: User) -> ScorecardPage:
    """The page of a period for a person, as of today."""
    editions = tuple(
        Edition.objects.filter(period=period.code).select_related("prepared_by", "signed_by").order_by("number")
    )
    latest = editions[-1] if editions else None
    number = latest.number + 1 if latest else 1
    why_not = next((reason for _, reason in period_problems(period, today)), "")
    content = _content(period, today, latest)
    live = content["matrix"] if content else None
    document = document_of(latest) if latest else None
    found = differing_cells(document["matrix"], live) if document and live else []
    others = _others(document, content, found)
    items = read_checklist(period, today, number) if live and (latest is None or found or others) else []
    closing = Closing.objects.filter(period=period.code).select_related("prepared_by").first()
    missing = sum(item.is_open for item in items)
    prepared = json.loads(bytes(closing.content)) if closing else None
    return ScorecardPage(
        period=period,
        title=(
            _title(period, latest, len(found), others, missing, why_not)
            if latest or closing is None
            else _title_to_sign(period, closing, missing)
        ),
        lead=_lead(document, live),
        why_not=why_not,
        number=number,
        checklist=show_checklist(items, period, user),
        missing=missing,
        others=others,
        differences=_shown(found, latest, period, company, today) if latest else (),
        closing=closing,
        prepared=prepared,
        ledger=tuple(Issued(one, _missed(document_of(one)["matrix"])) for one in editions),
        missed_now=_missed(live) if live else "",
        latest=latest,
        waivers=tuple(item for item in document["missing"] if item["waiver"]) if document else (),
        reason=(document or {}).get("reason") or "",
        summary=summary_of(document) if document else "",
        summary_written=written_summary(prepared or document),
        narratives=_narratives(latest, document, period, company, today, user),
        holds=_holds(document),
        before=_before(latest),
        signers=_signers(closing, company),
        may_prepare=user.has_perm(Right.PREPARE_CLOSINGS),
        may_sign=_may_sign(closing, user, company),
    )


def _content(period: Period, today: date, latest: Edition | None) -> Mapping[str, Any] | None:
    """What is live of a period that has ended; of one that nobody closed the matrix alone, for no more is asked."""
    if period.is_to_date(today):
        return None
    return read_content(period, today) if latest else {"matrix": read_matrix(period, today)}


# What the parts of a document are called where they differ.
_PARTS = {
    "matrix": "what cells are compared with",
    "composite": "the index",
    "initiatives": "initiatives",
    "report": "the report of initiatives",
    "benefits": "benefits",
    "narratives": "narratives",
}


def _others(
    document: Mapping[str, Any] | None, content: Mapping[str, Any] | None, cells: Sequence[DifferingCell]
) -> tuple[str, ...]:
    """The parts beside the cells that are another by now, in words."""
    if document is None or content is None:
        return ()
    names = [name for name in sections_that_differ(document, content) if name != "matrix" or not cells]
    return tuple(_PARTS.get(name, name) for name in names)


def _narratives(
    latest: Edition | None,
    document: Mapping[str, Any] | None,
    period: Period,
    company: Company,
    today: date,
    user: User,
) -> tuple[ShownNarrative, ...]:
    """Those of the latest edition as it froze them; of an open period as they read today."""
    if latest is None or document is None:
        return tuple(live_narratives(period, company, today))
    return tuple(frozen_narratives(document, names_of(latest, user)["people"]))


def _may_sign(closing: Closing | None, user: User, company: Company) -> bool:
    """Whether the person may: whoever prepared never sees Sign, unless the company lets them."""
    if closing is None or not user.has_perm(Right.CLOSE_PERIODS):
        return False
    return company.one_may_close or closing.prepared_by_id != user.pk


def _signers(closing: Closing | None, company: Company) -> str:
    if company.one_may_close:
        return "Executives and finance may; here one person may do both, and the edition says so."
    return "Executives and finance may. Whoever prepared may not."


def _title(
    period: Period, latest: Edition | None, differs: int, others: Sequence[str], missing: int, why_not: str
) -> Sentence:
    name = period_name(period)
    if latest is None:
        if why_not:
            return (Phrase(f"{name} is open."),)
        if not missing:
            return (Phrase(f"{name} can be closed: nothing is missing."),)
        things, verb = Phrase(counted(missing, "thing"), url="#missing-title"), "is" if missing == 1 else "are"
        return (Phrase(f"{name} can be closed when "), things, Phrase(f" {verb} done or waived."))
    begin = f"{name}, edition {latest.number}: signed, and "
    if not differs and not others:
        return (Phrase(f"{begin}as it is today."),)
    if not differs:
        return (Phrase(f"{begin}its cells are as they are today; "), *_other_parts(others), Phrase(" differ."))
    cells = Phrase(counted(differs, "cell"), url="#differences-title")
    verb = "differs" if differs == 1 else "differ"
    return (Phrase(begin), cells, Phrase(f" {verb} from it since."))


def _title_to_sign(period: Period, closing: Closing, missing: int) -> Sentence:
    begin = f"{period_name(period)}: edition {closing.number} is prepared and waits to be signed"
    if not missing:
        return (Phrase(f"{begin}."),)
    things, verb = Phrase(counted(missing, "thing"), url="#missing-title"), "is" if missing == 1 else "are"
    return (Phrase(f"{begin}; "), things, Phrase(f" {verb} missing by now."))


def _other_parts(others: Sequence[str]) -> Sentence:
    return (Phrase(sentence_list(others), url="#differences-title"),)


def _missed(matrix: Mapping[str, Any]) -> str:
    missed, judged = missed_of(matrix)
    return f"{missed} of {judged}"


def _lead(document: Mapping[str, Any] | None, live: Mapping[str, Any] | None) -> str:
    if document is None:
        return "A waiver needs a reason and stands in the edition. Nothing that arrives later changes what is signed."
    then = missed_of(document["matrix"])
    now = missed_of(live) if live else then
    said = f"{then[0]} of {then[1]} targets missed."
    return said if now == then else f"{said} With what is known today it would be {now[0]} of {now[1]}."


def _holds(document: Mapping[str, Any] | None) -> str:
    if document is None:
        return ""
    cells = sum(len(row["cells"]) for row in document["matrix"]["rows"])
    waived = sum(item["waiver"] is not None for item in document["missing"])
    parts = [counted(cells, "cell"), counted(len(document["initiatives"]), "initiative"), "growth", "coverage"]
    told = [counted(len(document["narratives"]), "narrative")]
    seen = [counted(len(links), "link")] if (links := document.get("links")) else []
    return ", ".join([*parts, *told, *seen, counted(waived, "waiver")])


def _before(edition: Edition | None) -> Edition | None:
    """The edition issued before, of whatever period."""
    digest = edition.previous_digest if edition else None
    return Edition.objects.filter(digest=digest).defer("document").first() if digest else None


def _shown(
    found: Sequence[DifferingCell], edition: Edition, period: Period, company: Company, today: date
) -> tuple[ShownDifference, ...]:
    if not found:
        return ()
    bridges = Bridges(found, edition, period, today)
    steps = [bridges.of(one) for one in found]
    inputs = {step.of.kpi for of in steps for step in of if step.of}
    kpis = {kpi.code: kpi for kpi in Kpi.objects.filter(code__in={*inputs, *(one.kpi for one in found)})}
    people = User.objects.in_bulk({step.by for of in steps for step in of if step.by})
    return tuple(
        _difference(one, period, style_in(one.row, kpis.get(one.kpi), company), _steps(of, people, kpis))
        for one, of in zip(found, steps, strict=True)
    )


def _steps(steps: Sequence[Step], people: Mapping[int, User], kpis: Mapping[str, Kpi]) -> tuple[ShownStep, ...]:
    return tuple(
        ShownStep(
            what=_what(step),
            where=_where(step, kpis),
            who=str(people.get(step.by or 0) or ""),
            at=step.at,
            numerator=_change(step.numerator),
            denominator=_change(step.denominator),
            facts="" if step.effect is None else _change(Fraction(step.facts)),
            effect=_change(step.effect),
        )
        for step in steps
    )


def _what(step: Step) -> str:
    """``load 12``, ``undo of load 4``, ``correction by load 12``, ``target version 2``, ``tier move``."""
    named = step.reference if step.reference and not step.reference.startswith("audit ") else ""
    if step.cause == "load" and named:
        return named
    between = {"undo": "undo of", "correction": "correction by", "deletion": "deletion by", "target": "target"}
    if step.cause in between and named:
        return f"{between[step.cause]} {named}"
    return _SAID.get(step.cause, step.cause)


def _where(step: Step, kpis: Mapping[str, Kpi]) -> str:
    """``August 2011``; ``by Promoters``; empty of a value that is pooled."""
    by = f"by {kpis[step.of.kpi].name if step.of.kpi in kpis else step.of.kpi}" if step.of else ""
    return ", ".join(part for part in (by, month_name(step.month) if step.month else "") if part)


def _change(value: Fraction | None) -> str:
    if value is None:
        return ""
    return f"+{trimmed(value, 4)}" if value > 0 else trimmed(value, 4)


def _difference(one: DifferingCell, period: Period, style: Style, steps: tuple[ShownStep, ...]) -> ShownDifference:
    name = f"{one.row['name']}, {one.column['name']}"
    url = reverse("cell", args=[period.code, one.kpi, one.tier]) if one.now else ""
    return ShownDifference(name, url, *values_beside(one, style), one.turned, steps)
