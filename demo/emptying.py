"""Empties the demo company: what is left is a company without data, ready for its own files."""

from __future__ import annotations

from django.conf import settings
from django.db import models, transaction

from accounts.audit import record
from accounts.choices import Verb
from accounts.company import company
from accounts.models import (
    Action,
    ApiToken,
    AuditEntry,
    BusinessUnit,
    Company,
    Department,
    Departure,
    ExchangeRate,
    Invitation,
    Job,
    ListView,
    Load,
    LoadChange,
    OutgoingMail,
    Thread,
    ThreadWord,
    User,
)
from accounts.models.frozen import lifted as entries_lifted
from customers.models import Customer, GrowthBreach, GrowthCheck, LifecycleEvent, Tier, TierMembership, TierTouch
from demo import people
from demo.founding import DemoRefusedError, refuse_production
from initiatives.models import (
    Benefit,
    Document,
    Initiative,
    InitiativeKpi,
    Milestone,
    Moment,
    MomentKpi,
    MomentProposal,
    MomentTheme,
    PainPoint,
    RealisedBenefit,
    StatusUpdate,
    Thanks,
    TrackedChange,
    Turnaround,
    UpdateResponse,
)
from initiatives.models.frozen import lifted as benefits_lifted
from kpis.models import (
    CompleteMonth,
    Contact,
    CustomerMerge,
    Deal,
    Derivation,
    EventKeeping,
    EventTouch,
    Fact,
    Invoice,
    Issue,
    Kpi,
    KpiProposal,
    KpiVersion,
    Link,
    LinkEvidence,
    MergedFact,
    MonthCell,
    MonthSignal,
    PeriodCell,
    Poll,
    PollAnswer,
    PollOption,
    PollVote,
    Referral,
    ReplacedEvent,
    ReplacedFact,
    Restatement,
    Retiering,
    RolledSlice,
    RollupRun,
    RunPart,
    SignalTouch,
    SliceTouch,
    StagedCell,
    Step,
    TakenBackFact,
    Target,
    TargetBatch,
    TierActual,
    ValueKpis,
    Weight,
    WeightSet,
)
from kpis.models.frozen import lifted as targets_lifted
from scorecard.models import (
    AlertsTold,
    Closing,
    Comparison,
    Edition,
    EditionDifference,
    EditionName,
    Follow,
    GoalConfirmation,
    GoalDecision,
    GoalMember,
    GoalVersion,
    IncentiveGoal,
    KeptStates,
    Narrative,
    PreparedText,
    Remark,
    Report,
    StopApproval,
    Subscription,
    Transition,
    Visit,
    Waiver,
    WarningLook,
    WarningResponse,
    WarningRun,
)
from scorecard.models.frozen import goals_lifted
from scorecard.models.frozen import lifted as editions_lifted

# What points at others goes before them.
_BOOKS: tuple[type[models.Model], ...] = (
    WarningRun, WarningResponse, WarningLook,
    GoalConfirmation, GoalDecision, GoalMember, GoalVersion, IncentiveGoal, StopApproval,
    Report, EditionDifference, EditionName, Edition, Closing, Waiver, Narrative, Remark, AlertsTold, Follow,
    Subscription.tiers.through, Subscription.departments.through, Subscription,
    Departure, UpdateResponse, Action, ThreadWord, Thread,
    StatusUpdate, TrackedChange, Milestone, Thanks, Turnaround, RealisedBenefit, Benefit,
    MomentProposal, MomentKpi, MomentTheme, Moment.tiers.through, Moment.initiatives.through, Moment,
    InitiativeKpi, Document, ListView, PainPoint,
    Initiative.tiers.through, Initiative.team.through, Initiative, ExchangeRate, OutgoingMail, Job,
    StagedCell, RunPart, RollupRun, PeriodCell, MonthCell, RolledSlice, GrowthBreach, GrowthCheck,
    MonthSignal, SliceTouch, SignalTouch,
    TierTouch,
    PollVote, PollAnswer, PollOption, Poll.invited.through, Poll, KpiProposal,
    Visit, PreparedText, Transition, KeptStates, Comparison, Weight, WeightSet,
    LinkEvidence, Link,
    Derivation, EventKeeping, ReplacedEvent, Contact, Issue, Deal, Referral, Invoice,
    MergedFact, CustomerMerge, Retiering, TakenBackFact, ReplacedFact, Fact, TierActual, Restatement, CompleteMonth,
    Step, Target.earlier_writers.through, Target, TargetBatch, KpiVersion, TierMembership,
    LifecycleEvent, EventTouch, Customer,  # a lifecycle event that goes leaves a mark
)  # fmt: skip
_RECORDS: tuple[type[models.Model], ...] = (LoadChange, Load, AuditEntry, Department, BusinessUnit)


def empty(*, by: User | None = None) -> int:
    """Take everything of the demo company away, and its name; the number of rows taken away.

    People at the demo's domain go, people that were added beside them stay. Raises DemoRefusedError where
    the company is not the demo company.
    """
    refuse_production()
    if not company().is_demo:
        raise DemoRefusedError(f"{company().name} is not the demo company, so nothing was emptied.")
    with transaction.atomic(), entries_lifted(), targets_lifted(), benefits_lifted(), editions_lifted(), goals_lifted():
        taken = _take_away()
        Company.objects.filter(pk=1).update(name=settings.COMPANY_NAME, is_demo=False, setup_ended_at=None)
        record(by=by, verb=Verb.EMPTIED_DEMO, obj=company(), before={"name": people.COMPANY, "rows": taken})
    return taken


def was_emptied() -> bool:
    """Whether a demo company was emptied here before: then nobody wants it founded unasked."""
    return AuditEntry.objects.filter(verb=Verb.EMPTIED_DEMO).exists()


def _take_away() -> int:
    taken = sum(_all_rows(model) for model in _BOOKS)
    Kpi.objects.filter(facts_of__isnull=False).update(facts_of=None)
    ValueKpis.objects.update(revenue=None, margin=None, cost=None)
    taken += _all_rows(Kpi) + Tier.objects.real().delete()[0]
    taken += sum(_all_rows(model) for model in _RECORDS)
    guests = User.objects.filter(email__endswith=f"@{people.DOMAIN}")
    ApiToken.objects.filter(models.Q(user__in=guests) | models.Q(made_by__in=guests)).delete()
    Invitation.objects.filter(made_by__in=guests).update(made_by=None)
    return taken + guests.delete()[0]


def _all_rows(model: type[models.Model]) -> int:
    """Delete a table's rows without loading them; how many there were."""
    rows = model._base_manager.all()
    return int(rows._raw_delete(rows.db))
