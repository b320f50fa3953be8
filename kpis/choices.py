"""The words that KPIs, targets and cells choose from, with how a status looks."""

from __future__ import annotations

from django.db import models

LONGEST_TEXT = 10_000  # characters of what a person writes of a KPI, at every door


class Indicator(models.TextChoices):
    """Whether a KPI tells what is coming or what has come."""

    LEADING = "leading", "Leading"
    TRAILING = "trailing", "Trailing"


class KpiState(models.TextChoices):
    """Whether a KPI is in the matrix: a draft is rolled up and in the library alone."""

    PUBLISHED = "published", "Published"
    DRAFT = "draft", "Draft"


class Unit(models.TextChoices):
    """What a KPI's value is a number of."""

    NUMBER = "number", "Number"
    PERCENT = "percent", "Percent"
    CURRENCY = "currency", "Money"
    DAYS = "days", "Days"
    SCORE = "score", "Score"


class Direction(models.TextChoices):
    """Which way is better."""

    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    RANGE = "range", "Within a range"


class CustomerMethod(models.TextChoices):
    """How customers combine into the value of a month."""

    SUM = "sum", "Sum over customers"
    MEAN = "mean", "Mean over customers"
    RATIO = "ratio", "Ratio of two sums"
    DISTINCT = "distinct", "Number of different customers"

    @property
    def adds_up(self) -> bool:
        """Whether customers add up, so that one who is silent adds nothing."""
        return self in {CustomerMethod.SUM, CustomerMethod.DISTINCT}

    @property
    def counts(self) -> bool:
        """Whether it counts different customers: months and tiers may share them, so that their counts do not merge."""
        return self == CustomerMethod.DISTINCT

    @property
    def needs_base(self) -> bool:
        """Whether what is entered for a tier is divided: by its observations, or by its base."""
        return not self.adds_up

    @property
    def enters_counts(self) -> bool:
        """Whether what is entered first is a count, which has no unit: customers, or the upper part of a ratio."""
        return self in {CustomerMethod.RATIO, CustomerMethod.DISTINCT}

    @property
    def parts(self) -> tuple[str, str]:
        """What its numerator and its denominator are called where they are entered; empty where it has none."""
        return {
            "sum": ("Value", ""),
            "distinct": ("Customers", ""),
            "mean": ("Sum", "Observations"),
            "ratio": ("Numerator", "Denominator"),
        }[self.value]


ADDING = frozenset(method for method in CustomerMethod if method.adds_up)


class TimeMethod(models.TextChoices):
    """How months combine into the value of a quarter or a year."""

    POOL = "pool", "All months' facts as one"
    SUM = "sum", "Sum of the months"
    MEAN = "mean", "Mean of the months"
    LAST = "last", "Last month that has a value"
    TTM = "ttm", "Trailing twelve months"

    @property
    def pools(self) -> bool:
        """Whether the facts of several months count as those of one."""
        return self in {TimeMethod.POOL, TimeMethod.TTM}


class Absent(models.TextChoices):
    """What silence means: not known, or nought."""

    MISSING = "missing", "Not known"
    ZERO = "zero", "Zero"


class Source(models.TextChoices):
    """Where a KPI's numbers come from: one of these alone."""

    FACTS = "facts", "Facts of customers"
    TIER_ACTUALS = "tier_actuals", "Actuals entered per tier"
    EVENTS = "events", "Events, by a rule"


class EventKind(models.TextChoices):
    """What happened; the name of each is that of its kind of file."""

    ISSUES = "issues", "Issues"
    CONTACTS = "contacts", "Contacts"
    DEALS = "deals", "Deals"
    REFERRALS = "referrals", "Referrals"
    INVOICES = "invoices", "Invoices"


class CompleteWhen(models.TextChoices):
    """When all of a month's data are there: as they come, or once a steward says so."""

    ANY = "any", "As data come"
    MARKED = "marked", "Once marked complete"


class ValueRole(models.TextChoices):
    """What a KPI says of the value of a tier."""

    REVENUE = "revenue", "Revenue"
    MARGIN = "margin", "Margin"
    COST = "cost", "Cost to serve"


class Per(models.TextChoices):
    """The length that a target was set for."""

    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"


class TargetState(models.TextChoices):
    """The life of a target version; only approved ones count."""

    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ProposalState(models.TextChoices):
    """What became of a proposed KPI. Never colour alone: a shape and a word go with it."""

    PROPOSED = "proposed", "waits"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "withdrawn"

    @property
    def css_class(self) -> str:
        """The class that colours it: the colours of the matrix, what waits like a part."""
        looks = {"proposed": "partial", "accepted": "met", "declined": "missed", "withdrawn": "no-data"}
        return f"status-{looks[self.value]}"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"proposed": "◌", "accepted": "●", "declined": "■", "withdrawn": "–"}[self.value]


class PollStage(models.TextChoices):
    """How far a poll is; each stage closes the one before."""

    ANSWERING = "answering", "Answering"
    MERGING = "merging", "Merging"
    VOTING = "voting", "Voting"
    DECIDED = "decided", "Decided"


class Status(models.TextChoices):
    """The verdict on a cell. Never colour alone: a shape and a word go with it."""

    MET = "met", "met"
    NEAR = "near", "near"
    MISSED = "missed", "missed"
    PARTIAL = "partial", "partial"
    NO_TARGET = "no_target", "no target"
    NO_DATA = "no_data", "no data"

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return f"status-{self.value.replace('_', '-')}"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"met": "●", "near": "▲", "missed": "■", "partial": "◌", "no_target": "○", "no_data": "–"}[self.value]

    @property
    def is_verdict(self) -> bool:
        """Whether it says how an actual stands against its target."""
        return self in {Status.MET, Status.NEAR, Status.MISSED}


class Signal(models.TextChoices):
    """Whether the process behind a month's value really changed. Arrows are for signals alone: better points up,
    whatever the direction of the number.
    """

    BETTER = "better", "really better"
    WORSE = "worse", "really worse"
    CHANGED = "changed", "really changed"

    @property
    def shape(self) -> str:
        """Its mark."""
        return {"better": "↗", "worse": "↘", "changed": "↕"}[self.value]

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return f"signal-{self.value}"


class SignalRule(models.TextChoices):
    """How a month differs from what came before it."""

    OUTSIDE = "outside", "outside the limits"
    SHIFT = "shift", "eight months in a row on one side of the middle"
    TWO_OF_THREE = "two_of_three", "two of three months near the same limit"


class Assurance(models.TextChoices):
    """Whether a process, as it runs, meets its target by itself."""

    WILL_MEET = "will_meet", "meets its target as it runs"
    MAY_MISS = "may_miss", "meets its target in some months and misses it in others"
    WILL_MISS = "will_miss", "misses its target as it runs"

    @property
    def is_gap(self) -> bool:
        """Whether it is a capability gap: no explanation of one month mends it, it needs an initiative."""
        return self == Assurance.WILL_MISS


class Beyond(models.TextChoices):
    """What of a cell goes beyond the noise, by which the matrix is filtered: its signal, or a capability gap."""

    WORSE = "worse", "really worse"
    BETTER = "better", "really better"
    CHANGED = "changed", "really changed"
    GAP = "gap", "capability gap"

    @property
    def word(self) -> str:
        """In a word beside its mark; empty where the mark is a word."""
        return "" if self == Beyond.GAP else self.value

    @property
    def shape(self) -> str:
        """Its mark."""
        return "gap" if self == Beyond.GAP else Signal(self.value).shape

    @property
    def css_class(self) -> str:
        """The class that colours it."""
        return f"signal-{self.value}"


class MatrixOrder(models.TextChoices):
    """In which order the matrix shows its KPIs."""

    DEFINED = "defined", "As defined"
    WORST = "worst", "Worst first"
    DEPARTMENT = "department", "By department"


class RunState(models.TextChoices):
    """Where a rollup run stands."""

    RUNNING = "running", "Running"
    DONE = "done", "Done"
    PARTIAL = "partial", "Done in part"
    FAILED = "failed", "Failed"
    SUPERSEDED = "superseded", "Done by a later run"


class Trigger(models.TextChoices):
    """What started a rollup run."""

    LOAD = "load", "After a load"
    SCHEDULE = "schedule", "By schedule"
    PERSON = "person", "By hand"
    COMMAND = "command", "From the command line"


class Take(models.TextChoices):
    """Which of two customers' facts counts where they are merged."""

    KEPT = "kept", "Of the customer that is kept"
    GONE = "gone", "Of the one merged into it"
    SUM = "sum", "The sum of both"


class CutBy(models.TextChoices):
    """What a re-tiering cuts the ranked customers by."""

    SHARE = "share", "Share of customers"
    NUMBER = "number", "Number of customers"
    VALUE = "value", "Value"


class LinkSign(models.TextChoices):
    """How the numbers of a leading and a trailing KPI are expected to go together."""

    SAME = "same", "They rise and fall together"
    OPPOSITE = "opposite", "One rises where the other falls"


class LinkStage(models.TextChoices):
    """Where a link stands: what an owner proposes is not tested before a steward has written it down."""

    PROPOSED = "proposed", "proposed"
    WRITTEN = "written", "written down"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "withdrawn"


# Of two KPIs one link alone stands or waits.
LIVE_LINKS = (LinkStage.PROPOSED, LinkStage.WRITTEN)


class LinkState(models.TextChoices):
    """What the changes of two KPIs say of a link, as of a month."""

    SEEN = "seen", "seen"
    HINT = "hint", "a hint"
    NOT_SEEN = "not_seen", "not seen"
    TOO_SHORT = "too_short", "too short"

    @property
    def shape(self) -> str:
        """The mark that tells it apart without colour."""
        return {"seen": "●", "hint": "◐", "not_seen": "○"}.get(self.value, "◌")

    @property
    def css_class(self) -> str:
        """The class that colours it: none of those of a verdict, for a link is neither good nor bad."""
        return f"link-{self.value.replace('_', '-')}"


class Untested(models.TextChoices):
    """Why there is no test of a tier at a lag."""

    TOO_SHORT = "too_short", "too short"
    FEW_CHANGES = "few_changes", "too few changes"
