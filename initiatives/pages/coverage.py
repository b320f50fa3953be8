"""Coverage as its page writes it: the largest uncovered pain first, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse

from accounts.company import today
from core.formatting import NOTHING, Style, counted, number, period_name, sentence_list
from core.scales import scale_for
from core.sentences import Phrase, Sentence
from customers.choices import TierScope
from initiatives.choices import Stage
from initiatives.models import Moment
from initiatives.pages.counts import Count
from initiatives.reading.coverage import Coverage, Line
from initiatives.reading.standings import Standing

SHOWN = 8  # orphaned pain before the rest is folded


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a table. ``served`` leads to those that serve it; ``candidate`` to a form filled with its pain;
    ``moments`` are the moments of truth that its theme stands behind, with their addresses.
    """

    line: Line
    name: str
    pain: str
    running: str
    budget: str
    revenue: str
    serving: str
    served: Count
    uncovered: str
    uncovered_revenue: str
    left: str
    candidate: str
    points: str
    moments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A department and its themes."""

    total: ShownLine
    themes: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class Orphan:
    """An initiative that answers no pain and names no KPI."""

    title: str
    url: str
    where: str


@dataclass(frozen=True, slots=True)
class ShownCoverage:
    """All that the page shows."""

    coverage: Coverage
    headline: Sentence
    is_covered: bool
    detail: Sentence
    candidate: str
    orphaned: tuple[ShownLine, ...]
    folded: tuple[ShownLine, ...]
    orphans: tuple[Orphan, ...]
    orphans_url: str
    groups: tuple[ShownGroup, ...]
    tiers: tuple[ShownLine, ...]
    money: str
    left_out: str


def show_coverage(
    found: Coverage, currency: str, moments: Mapping[str, Sequence[Moment]] | None = None
) -> ShownCoverage:
    """The coverage as its page writes it; ``moments`` of truth by their themes in lower case."""
    writer = Writer(found, currency, moments)
    orphaned = tuple(writer.line(line, _theme_name(line)) for line in found.orphaned_pain)
    largest = found.largest_uncovered
    return ShownCoverage(
        coverage=found,
        headline=headline(found, writer),
        is_covered=largest is None,
        detail=_detail(found, writer),
        candidate=candidate_address(largest) if largest else "",
        orphaned=orphaned[:SHOWN],
        folded=orphaned[SHOWN:],
        orphans=tuple(_orphan(one) for one in found.orphaned_initiatives),
        orphans_url=Count(
            len(found.orphaned_initiatives), {"orphaned": "true", "pain_period": found.period.code, **writer.base}
        ).url,
        groups=tuple(writer.groups()),
        tiers=tuple(writer.line(line, _tier_name(line)) for line in found.tiers),
        money=writer.money.label,
        left_out=_left_out(found),
    )


def headline(found: Coverage, writer: Writer) -> Sentence:
    """``38 % of complaints, by weight, are about Customer service; 0 of 104 running initiatives serve it.``"""
    line = found.largest_uncovered
    if not found.weight:
        return (Phrase(f"Nobody has told where it hurts in {period_name(found.period)}."),)
    if line is None:
        return (Phrase("Every pain that customers told is answered by something that runs."),)
    share = percent(Fraction(line.uncovered, found.weight))
    about, verb = f"{line.department}", "serve"
    if line.theme:
        whom = "" if line.is_orphaned else f" from {tier_names(line)}"
        about, verb = f"“{line.theme}” ({line.department}){whom}", "answer"
    pain = Phrase(f"{share} of complaints, by weight, are about {about}", "status-missed", writer.points(line))
    running = Phrase(f"0 of {counted(found.running, 'running initiative')}", "", writer.running())
    return (pain, Phrase("; "), running, Phrase(f" {verb} it."))


def percent(share: Fraction | None) -> str:
    """``38 %``; below ten with a decimal; – where there is no whole."""
    if share is None:
        return NOTHING
    hundredths = share * 100
    return f"{number(hundredths, 0 if hundredths >= 10 or hundredths == 0 else 1)} %"


def tier_names(line: Line) -> str:
    """The tiers in which the pain goes unanswered: ``Gold and Silver``."""
    return sentence_list(_tier_label(tier.name, tier.scope) for tier in line.tiers)


def candidate_address(line: Line) -> str:
    """The form of a new candidate, filled with the pain."""
    tiers = [tier.code for tier in line.tiers if tier.scope == TierScope.TIER] if not line.is_orphaned else []
    theme = line.theme or ""
    query = {
        "title": f"Answer “{theme}”" if theme else f"Answer what customers tell about {line.department}",
        "serves": line.department.code if line.department else "",
        "department": line.department.code if line.department else "",
        "theme": theme,
        "tiers": tiers,
    }
    given = {name: value for name, value in query.items() if value}
    return f"{reverse('initiative_new')}?{urlencode(given, doseq=True)}"


def _detail(found: Coverage, writer: Writer) -> Sentence:
    if not found.weight:
        return ()
    answered = percent(1 - Fraction(found.uncovered, found.weight))
    focused = f"{number(found.customer_focused)} of {counted(found.running, 'running initiative')}"
    verb = "is" if found.customer_focused == 1 else "are"
    pain = f"Something that runs answers {answered} of the pain of {period_name(found.period)}. "
    return (
        Phrase(pain),
        Phrase(focused, "", writer.running(customer_focused="true")),
        Phrase(f" {verb} for customers."),
    )


def _left_out(found: Coverage) -> str:
    """Which costs the sums leave out, by name."""
    if not found.without_rate:
        return ""
    names = sentence_list(f"{one.initiative.title} ({one.initiative.currency})" for one in found.without_rate[:10])
    more = len(found.without_rate) - 10
    rest = f" and {more} more" if more > 0 else ""
    return f"Left out of the budget, for want of finance’s rate: {names}{rest}."


def _theme_name(line: Line) -> str:
    return f"{line.theme}, {line.department}"


def _tier_name(line: Line) -> str:
    return _tier_label(line.tier.name, line.tier.scope) if line.tier else ""


def _tier_label(name: str, scope: str) -> str:
    return {TierScope.ALL: "tier not known", TierScope.UNTIERED: "without a tier"}.get(TierScope(scope), name)


def _orphan(standing: Standing) -> Orphan:
    row = standing.initiative
    where = f"{row.department}" if row.serves_id in {None, row.department_id} else f"{row.department} for {row.serves}"
    words = where if row.customer_focused else f"{where}, not for customers"
    return Orphan(row.title, reverse("initiative", args=[row.code]), words)


class Writer:
    """Writes lines in one scale of money."""

    def __init__(self, found: Coverage, currency: str, moments: Mapping[str, Sequence[Moment]] | None = None) -> None:
        self.found, self.moments = found, moments or {}
        lines = (*found.departments, *found.themes)
        self.money = Style("currency", currency, 0, scale_for([line.revenue_at_risk for line in lines]))
        self.base = {} if found.as_of == today() else {"as_of": found.as_of.isoformat()}

    def running(self, **asked: str) -> str:
        """What runs on the day, filtered; empty where nothing does."""
        return Count(self.found.running, {"stage": Stage.IN_PROGRESS.value, **asked, **self.base}).url

    def groups(self) -> Iterable[ShownGroup]:
        """Departments with their themes, those without pain and without anything that serves them last."""
        for total in self.found.departments:
            themes = [line for line in self.found.themes if line.department == total.department]
            named = tuple(self.line(line, line.theme) for line in themes)
            yield ShownGroup(self.line(total, str(total.department)), named)

    def line(self, line: Line, name: str) -> ShownLine:
        """One line as it is written."""
        partly = 0 < line.uncovered < line.weight
        return ShownLine(
            line=line,
            name=name,
            pain=percent(line.pain_share),
            running=percent(line.running_share),
            budget=percent(line.budget_share),
            revenue=self.money.bare(line.revenue_at_risk) if line.revenue_at_risk else "",
            serving=line.serving.words,
            served=Count(line.serving.running, self._query(line)),
            uncovered=percent(Fraction(line.uncovered, self.found.weight)) if line.uncovered else "",
            uncovered_revenue=self.money.bare(line.uncovered_revenue) if line.uncovered_revenue else "",
            left=f"none for {tier_names(line)}" if partly and line.theme else "",
            candidate=candidate_address(line) if line.uncovered and line.department else "",
            points=self.points(line),
            moments=tuple(
                (one.name, reverse("moment", args=[one.code])) for one in self.moments.get(line.theme.casefold(), ())
            ),
        )

    def _query(self, line: Line) -> dict[str, str]:
        asked = {
            "answers_department": line.department.code if line.department else "",
            "answers_theme": line.theme,
            "answers_tier": line.tier.code if line.tier else "",
        }
        if line.tier and line.tier.scope == TierScope.ALL:
            asked = {"stage": Stage.IN_PROGRESS.value, "customer_focused": "true"}
        return {name: value for name, value in asked.items() if value} | self.base

    def points(self, line: Line) -> str:
        """The pain points of a line."""
        asked = {
            "period": self.found.period.code,
            "department": line.department.code if line.department else "",
            "theme": line.theme,
            "tier": line.tier.code if line.tier else "",
        }
        return f"{reverse('pain_points')}?{urlencode({name: value for name, value in asked.items() if value})}"
