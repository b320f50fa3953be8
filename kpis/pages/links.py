"""The list of links, and the page of one: what is said of it, by which tests, and what could have been seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from accounts.pages.asking import Question
from accounts.rights import Right
from core.formatting import counted, month_name, sentence_list, short_month
from core.lists import FilteredList
from core.periods import Month
from core.texts import sentence
from customers.models import Tier
from kpis.access import links_for
from kpis.choices import LinkSign, LinkStage, LinkState, Untested
from kpis.filters import LinkFilter
from kpis.formulas.links import BACK, LEAST_PAIRS, LagTest, Look, Pair
from kpis.models import Kpi, Link, LinkEvidence
from kpis.pages.link_lines import LinkLine, lines_of, short_words
from kpis.reading.links import LinkBook, with_state
from kpis.services.link_tests import last_ended
from kpis.wording import chance, expected_of, lag_words, looked_at, seen_words, span_words, strength

MULTIPLE_HEIGHT = 240  # pixels of one tier's points
ACROSS = 2  # tiers beside one another
_ORDER = (LinkState.SEEN, LinkState.HINT, LinkState.NOT_SEEN, LinkState.TOO_SHORT, None)


class LinksPage:
    """The links that pass the filters, by default all that are written down, what was seen first; what is proposed is
    counted beside.
    """

    def __init__(self, user: User, params: QueryDict) -> None:
        self.may_write = user.has_perm(Right.MANAGE_LINKS)
        self.may_propose = user.has_perm(Right.PROPOSE_LINKS)
        rows = links_for(user)
        asked = LinkFilter(params, with_state(rows))
        self.list = FilteredList[Link](params, asked.qs, asked)
        found = asked.qs if self.list.cleaned.get("stage") else asked.qs.filter(stage=LinkStage.WRITTEN)
        lines = lines_of(found)
        self.lines: list[LinkLine] = sorted(lines, key=lambda line: _ORDER.index(line.state))
        self.waiting = rows.filter(stage=LinkStage.PROPOSED).count() if self.may_write or self.may_propose else 0

    @property
    def headline(self) -> str:
        """``2 of 5 links are seen.``"""
        if not self.lines:
            return "No link is left by these filters" if self.list.is_filtered else "No link is written down yet"
        seen = sum(line.state == LinkState.SEEN for line in self.lines)
        links = counted(len(self.lines), "link")
        return f"{seen} of {links} {'is' if seen == 1 else 'are'} seen" if seen else f"None of {links} is seen"

    @property
    def as_of(self) -> str:
        """The latest month that was looked at."""
        months = [line.month for line in self.lines if line.month]
        return month_name(max(months)) if months else ""


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A tier at the lag shown, in words; ``pairs`` are its points, oldest first."""

    tier: Tier
    test: LagTest
    pairs: tuple[Pair, ...]

    @property
    def r(self) -> str:
        """The correlation."""
        return strength(self.test.r)

    @property
    def interval(self) -> str:
        """Where it lies with 95 %."""
        found = self.test.interval
        return f"{strength(found.low)} to {strength(found.high)}" if found else "–"

    @property
    def p(self) -> str:
        """How likely by chance."""
        return chance(self.test.p)

    @property
    def effective(self) -> str:
        """How many months they are worth."""
        return strength(self.test.effective)

    @property
    def says(self) -> str:
        """Whether it passes, or why there is no test."""
        if self.test.untested == Untested.TOO_SHORT:
            return f"too short, {self.test.pairs} of {LEAST_PAIRS}"
        if self.test.untested:
            return self.test.untested.label
        return "passes" if self.test.passes else "does not pass"


class LinkPage:
    """One link as of the last ended month, told from the values of today."""

    def __init__(self, link: Link, user: User, lag: str = "") -> None:
        """``lag`` is the one asked for; where it is none that is looked at, the one that the state is about."""
        self.link, self.user = link, user
        self.month = last_ended()
        self._asked = int(lag) if lag.isdecimal() and lag.isascii() and len(lag) == 1 else None
        self._book = LinkBook([link], self.month)
        self.evidence = self._book.evidence(link, self.month)
        self._tiers = {tier.pk: tier for tier in self._book.tiers_in(self.month)}

    @property
    def may_write(self) -> bool:
        """Whether the person may change it, delete it and have it tested."""
        return self.user.has_perm(Right.MANAGE_LINKS)

    @property
    def withdrawable(self) -> bool:
        """Whether the person may take it back now."""
        return self.link.waits and self.link.by_id == self.user.pk and self.user.has_perm(Right.PROPOSE_LINKS)

    @property
    def as_of(self) -> str:
        """The month in words."""
        return month_name(self.month)

    @property
    def expected(self) -> str:
        """``They rise and fall together: better leads to better; looked at: 0 to 6 months later``"""
        return f"{LinkSign(self.link.sign).label}: {expected_of(self.link)}; {looked_at(self.link)}"

    @cached_property
    def seasonal_asked(self) -> list[Kpi]:
        """Those of which somebody has to say whether they are seasonal."""
        return self._book.seasonal_asked(self.link, self.month)

    @property
    def state(self) -> LinkState:
        """What is said of it; of a proposed one what would be said, which is shown to nobody."""
        return self.evidence.state

    # -- what is said

    @property
    def verdict(self) -> str:
        """The state in a sentence."""
        if self.state in {LinkState.SEEN, LinkState.HINT}:
            return sentence(self._said(self.evidence.now))
        if self.state == LinkState.NOT_SEEN:
            return "What was expected did not show in any tier at any lag."
        return sentence(short_words(max((one.pairs for one in self.evidence.now.tests), default=0)))

    def _said(self, look: Look) -> str:
        best = self.evidence.best_lag
        tests = [one for one in look.tests if one.passes and one.lag == best]
        names = [self._tiers[one.tier].name for one in tests]
        return seen_words(self.link, best or 0, names, [one.r or 0.0 for one in tests], [one.pairs for one in tests])

    @property
    def why_a_hint(self) -> Iterable[str]:
        """What keeps it from being seen, a sentence each."""
        if self.state != LinkState.HINT:
            return
        now, before = self.evidence.now, self.evidence.before
        if not now.agreeing:
            yield "No two tiers pass at the same lag, and one of many tests passes by chance."
        elif not now.agreeing & before.agreeing:
            yield f"As of {BACK} months before these tiers did not pass at the same lag: it has to stand for so long."
        if self.seasonal_asked:
            names = sentence_list(f"“{kpi.name}”" for kpi in self.seasonal_asked)
            yield f"{names} may be seasonal: while no steward has said so or not, a shared season could be all of it."

    @property
    def least(self) -> str:
        """What could have been seen, in a sentence; empty without a test."""
        found, done = self.evidence.now.least_r, self.evidence.now.done
        if found is None:
            return ""
        tests, pairs = (
            counted(len(done), "test"),
            span_words(min(one.pairs for one in done), max(one.pairs for one in done)),
        )
        seen = f"a correlation of {strength(found)} or more could have been seen"
        return f"With {tests} of {pairs} {seen}; a weaker link could not."

    @cached_property
    def history(self) -> list[LinkEvidence]:
        """What tests said as of earlier months, the latest first; those of another sign or other lags too."""
        return list(self.link.evidence.order_by("-month", "-tested_at").defer("tests")[:36])

    @property
    def shown_history(self) -> list[tuple[str, LinkState, str, str]]:
        """Month, state, lag in words, and of what it was told where the link said something else then."""
        return [
            (
                month_name(Month(row.month)),
                LinkState(row.state),
                lag_words(row.best_lag) if row.best_lag is not None else "",
                "" if (row.sign, row.lags) == (self.link.sign, self.link.lags) else f"{row.sign}, {row.lags}",
            )
            for row in self.history
        ]

    # -- by tier

    @cached_property
    def lag(self) -> int:
        """The lag shown."""
        months = self.link.months
        if self._asked in months and self._asked is not None:
            return self._asked
        if self.evidence.best_lag is not None:
            return self.evidence.best_lag
        tested = [one for one in self.evidence.now.done if one.p is not None]
        return min(tested, key=lambda one: one.p or 0.0).lag if tested else months[0]

    @property
    def height(self) -> int:
        """How high the small multiples are, in pixels: two tiers beside one another."""
        return MULTIPLE_HEIGHT * max(1, -(-len(self.tests) // ACROSS))

    @property
    def lag_in_words(self) -> str:
        """The lag shown, in words."""
        return lag_words(self.lag)

    @property
    def lags(self) -> list[tuple[int, str, bool]]:
        """Each lag that is looked at: its number, its words, and whether it is shown."""
        return [(lag, lag_words(lag), lag == self.lag) for lag in self.link.months]

    @cached_property
    def tests(self) -> list[ShownTest]:
        """The tiers at the lag shown."""
        return [
            ShownTest(
                self._tiers[one.tier],
                one,
                tuple(self._book.pairs(self.link, self._tiers[one.tier], one.lag, self.month)),
            )
            for one in self.evidence.now.tests
            if one.lag == self.lag
        ]

    @property
    def grid(self) -> list[tuple[str, list[tuple[int, str, bool]]]]:
        """All tests: by tier, at each lag the correlation and whether it passes."""
        found: dict[int, list[tuple[int, str, bool]]] = {pk: [] for pk in self._tiers}
        for one in self.evidence.now.tests:
            found[one.tier].append((one.lag, strength(one.r), one.passes))
        return [(self._tiers[pk].name, cells) for pk, cells in found.items()]

    @property
    def points(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """By tier the months with both changes, newest first, as the figure has them."""
        return [
            (
                one.tier.name,
                [
                    (short_month(pair.month), strength(float(pair.leading)), strength(float(pair.trailing)))
                    for pair in reversed(one.pairs)
                ],
            )
            for one in self.tests
        ]


def deleting_link(link: Link) -> Question:
    """What goes with a link."""
    months = link.evidence.count()
    return Question(
        title=f"Delete the link “{link}”?",
        does=(
            f"What its tests said as of {counted(months, 'month')} goes with it.",
            "Editions keep what was said of it when they were signed.",
        ),
        undo="It can be given back from the audit, and is then tested anew.",
        verb="Delete it",
        back=reverse("link", args=[link.pk]),
        place=str(link),
    )


def withdrawing_link(link: Link) -> Question:
    """What becomes of a proposed link that its proposer takes back."""
    return Question(
        title=f"Withdraw “{link}”?",
        does=("1 proposed link goes from the stewards’ list.",),
        undo="What was proposed is kept: you can propose it again.",
        verb="Withdraw it",
        back=reverse("link", args=[link.pk]),
        place=str(link),
    )
