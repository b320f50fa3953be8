"""Moments of truth as their pages write them: the sentence, the list with each weakest link, and the chains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from core.editions import PARAMETER, EditionLine, Served, carrying, edition_line
from core.formatting import NOTHING, counted, number, sentence_list, target_words
from core.links import with_period
from core.lists import FilteredList
from core.sentences import Phrase, Sentence
from initiatives.choices import BenefitState, ChainStep, CustomerRole
from initiatives.formulas import ChainLink
from initiatives.models import Moment
from initiatives.pages.benefits import gain, styles
from initiatives.pages.coverage import percent
from initiatives.pages.moment_steps import StepWriter
from initiatives.reading.benefits import Brought
from initiatives.reading.moments import Chain, MetricCell, Moments, promise_of
from kpis.choices import Status
from kpis.wording import style_of

# What the clauses of the sentence count, and the list shows of it.
ONLY: Mapping[str, tuple[str, Callable[[Chain], bool]]] = {
    "measured": ("measured", lambda one: one.measured),
    "kept": ("kept", lambda one: one.kept),
    "unworked": ("that nobody works on", lambda one: one.unworked),
}


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A step of a chain as a mark: ``words`` say what the shape and the colour do. ``detail`` is why, ``url`` leads to
    where it is seen, or mended where ``act`` says what to do there.
    """

    step: ChainStep
    shape: str
    css_class: str
    words: str
    detail: str = ""
    url: str = ""
    act: str = ""
    weakest: bool = False


@dataclass(frozen=True, slots=True)
class ShownMoment:
    """A line of the list. ``share`` is the part of the period's pain that is behind it, ``where`` on the customer's way
    it lies and for whom; ``weakest`` is None where the chain holds to its end.
    """

    moment: Moment
    url: str
    where: str
    weight: str
    share: str
    links: tuple[ShownLink, ...]
    weakest: ShownLink | None


def where_words(moment: Moment) -> str:
    """``Being helped · user · Gold and Silver``."""
    tiers = sentence_list(tier.name for tier in moment.tiers.all()) or "all tiers"
    return f"{moment.look.label} · {CustomerRole(moment.role).label.lower()} · {tiers}"


def moments_sentence(found: Moments, address: str = "") -> Sentence:
    """``Our customers need 14 moments to go well: 9 are measured, 6 kept, 2 nobody works on.`` Empty without any.

    ``address`` is that of the list, which the clauses lead to.
    """
    if not len(found):
        return ()
    told = [
        Phrase(
            f"{number(found.measured)} {'is' if found.measured == 1 else 'are'} measured",
            "",
            _only(address, "measured"),
        ),
        Phrase(f"{number(found.kept)} kept", "", _only(address, "kept")),
    ]
    if found.unworked:
        told.append(Phrase(f"{number(found.unworked)} nobody works on", "status-missed", _only(address, "unworked")))
    between = [piece for phrase in told for piece in (Phrase(", "), phrase)][1:]
    whole = Phrase(counted(len(found), "moment"), "", address)
    return (Phrase("Our customers need "), whole, Phrase(" to go well: "), *between, Phrase("."))


def _only(address: str, name: str) -> str:
    if not address:
        return ""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'only': name})}"


def show_moments(found: Moments, chains: Iterable[Chain]) -> tuple[ShownMoment, ...]:
    """The lines of some of them, in their order."""
    return tuple(_show(one, found) for one in chains)


def _show(chain: Chain, found: Moments) -> ShownMoment:
    links, pain = show_links(chain), found.pain
    address = with_period(reverse("moment", args=[chain.moment.code]), found.period.code)
    return ShownMoment(
        chain.moment,
        carrying(address, found.served),
        where_words(chain.moment),
        number(chain.weight) if chain.weight else "",
        percent(Fraction(chain.weight, pain)) if chain.weight else "",
        links,
        next((one for one in links if one.weakest), None),
    )


def show_links(chain: Chain, writer: StepWriter | None = None) -> tuple[ShownLink, ...]:
    """The chain as marks; with a writer, each with why and where."""
    return tuple(_link(one, one is chain.weakest, writer) for one in chain.links)


def _link(link: ChainLink, weakest: bool, writer: StepWriter | None) -> ShownLink:
    shape, css_class, words = _look(link, weakest)
    if writer is None:
        return ShownLink(link.step, shape, css_class, words, _share(link), weakest=weakest)
    told = writer.step(link)
    return ShownLink(link.step, shape, css_class, words, told.detail, told.url, told.act, weakest)


def _look(link: ChainLink, weakest: bool) -> tuple[str, str, str]:
    if not link.asks:
        return "–", "status-no-target", "nothing to mend"
    if link.holds:
        return "●", "status-met", "holds"
    return ("■", "status-missed", "the weakest link") if weakest else ("○", "status-no-data", "does not hold")


def _share(link: ChainLink) -> str:
    """``2 of 3``; empty where there is nothing to count."""
    return f"{number(link.done)} of {number(link.of)}" if link.of > 1 else ""


class MomentsPage:
    """The list as a page shows it: those that the filters leave, and that the sentence's clause counts."""

    def __init__(self, found: Moments, shown: FilteredList[Moment], params: QueryDict) -> None:
        self.found, self.list = found, shown
        asked = params.get("only", "")
        self.only = asked if asked in ONLY else ""
        kept = shown.with_params(only=None)
        self.all_url = f"{reverse('moments')}{f'?{kept}' if kept else ''}"

    @property
    def headline(self) -> Sentence:
        """How many there are, measured, kept and left alone, whatever filters the list."""
        address = with_period(reverse("moments"), self.found.period.code)
        return moments_sentence(self.found, carrying(address, self.found.served))

    @property
    def only_words(self) -> str:
        """What the list is narrowed down to; empty for all."""
        return ONLY[self.only][0] if self.only else ""

    @cached_property
    def rows(self) -> tuple[ShownMoment, ...]:
        """The lines."""
        left = {row.pk for row in self.list.found} if self.list.is_filtered else None
        chains = (one for one in self.found.chains if left is None or one.moment.pk in left)
        return show_moments(self.found, (one for one in chains if not self.only or ONLY[self.only][1](one)))

    @property
    def edition(self) -> str:
        """Which edition the filters go on asking for; empty for none in particular."""
        return self.found.served.asked.get(PARAMETER, "")

    @property
    def signed(self) -> str:
        """Which values these are, where the period is closed; empty where it is not."""
        return signed_words(self.found)


def signed_words(found: Moments) -> str:
    """Of a closed period, what is as it was signed and what is not."""
    shown = found.served.shown
    return f"Values and verdicts as signed in edition {shown.number}; work and benefits as of today" if shown else ""


def line_of(found: Moments, path: str, params: QueryDict) -> EditionLine | None:
    """Which edition the values are of, with the way to the live ones; None of an open period."""
    return edition_line(found.served, counted(found.differs, "cell") if found.differs else "", path, params)


@dataclass(frozen=True, slots=True)
class ShownMetric:
    """A success metric in a tier, with what serves it."""

    kpi: str
    tier: str
    value: str
    target: str
    status: Status | None
    url: str
    served: str


@dataclass(frozen=True, slots=True)
class ShownPromise:
    """A benefit of one of its initiatives, and whether it brought what it should have by now."""

    name: str
    initiative: str
    url: str
    state: str
    to_date: str
    realised: str
    holds: bool


@dataclass(frozen=True, slots=True)
class MomentPage:
    """All that the page of a moment shows."""

    shown: ShownMoment
    links: tuple[ShownLink, ...]
    verdict: str
    signed: str
    metrics: tuple[ShownMetric, ...]
    promises: tuple[ShownPromise, ...]
    themes: tuple[tuple[str, str], ...]

    @property
    def moment(self) -> Moment:
        """The moment itself."""
        return self.shown.moment

    @property
    def proposing(self) -> str:
        """Where an owner proposes a change of it."""
        return f"{reverse('moment_propose')}?{urlencode({'of': self.moment.code})}"


def show_moment(chain: Chain, found: Moments, user: User, currency: str) -> MomentPage:
    """The page of one moment, for one person."""
    links = show_links(chain, StepWriter(chain, found.served, user))
    weakest = next((one for one in links if one.weakest), None)
    verdict = f"The chain breaks at “{weakest.step.label.lower()}”." if weakest else "The chain holds to its end."
    return MomentPage(
        _show(chain, found),
        links,
        verdict,
        signed_words(found),
        tuple(_metric(one, found.served, currency) for one in chain.cells),
        tuple(_promise(one, currency) for one in chain.promises),
        tuple((one.theme, _points(one.theme)) for one in chain.moment.theme_links.all()),
    )


def _points(theme: str) -> str:
    """The pain points of a theme."""
    return f"{reverse('pain_points')}?{urlencode({'theme': theme})}"


def _metric(one: MetricCell, served: Served, currency: str) -> ShownMetric:
    cell, tier = one.cell, one.tier
    if cell is None or tier is None:
        place = tier.name if tier else "–"
        return ShownMetric(one.kpi.name, place, NOTHING, _absent(one), None, reverse("kpi", args=[one.kpi.code]), "")
    bounds = (cell.target, cell.low, cell.high)
    style = style_of(one.kpi, currency).told_apart(cell.actual, bounds)
    return ShownMetric(
        one.kpi.name,
        tier.name,
        NOTHING if cell.actual is None else style.full(cell.actual),
        target_words(style, one.kpi.direction, *bounds) if one.measure.aimed else "no target",
        cell.status,
        carrying(reverse("cell", args=[served.period.code, one.kpi.code, tier.code]), served),
        one.serving.words,
    )


def _absent(one: MetricCell) -> str:
    """Why there is nothing to show of a metric."""
    if one.kpi.is_draft:
        return "a draft of the library"
    if one.tier is None:
        return "no tier has a fact or a target of it; measured for all customers together it is named with @all"
    return "in no matrix of this period"


def _promise(one: Brought, currency: str) -> ShownPromise:
    benefit, (_, total) = one.benefit, styles(one, currency)
    return ShownPromise(
        benefit.name,
        benefit.initiative.title,
        reverse("initiative", args=[benefit.initiative.code]),
        BenefitState(benefit.state).label.lower(),
        gain(total, one.to_date),
        gain(total, one.realised, signed=True),
        promise_of(one).is_realised,
    )
