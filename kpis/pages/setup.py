"""KPIs, facts, targets and the first matrix, as steps of setting up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.choices import SetupState
from accounts.company import company
from accounts.models import User
from accounts.reading.setup import Team
from accounts.rights import Right
from accounts.workers import somebody_works
from core.formatting import counted, some_of
from core.periods import Kind
from core.setup import SetupPlace, SetupStep, Standing
from kpis.choices import TargetState
from kpis.forms.setup import ProposeDraftsForm, TemplatesForm
from kpis.models import Fact, Kpi, SliceTouch, Target, TierActual
from kpis.querysets import TargetQuerySet
from kpis.reading.setup import has_matrix, last_month_with_data, measured_kpis
from kpis.reading.templates import TEMPLATES, KpiTemplate
from kpis.services.targets import propose
from kpis.services.templates import needed_by, take_templates


def dated() -> str:
    """What of KPIs stands in periods: facts, actuals or targets."""
    for model, words in ((Fact, "facts"), (TierActual, "actuals"), (Target, "targets")):
        if model._default_manager.exists():
            return words
    return ""


def kpis_stand() -> Standing:
    """Done once each KPI has an owner."""
    owners = list(Kpi.objects.filter(retired_from=None).values_list("owner", flat=True))
    without = sum(owner is None for owner in owners)
    if not owners:
        return Standing(SetupState.WAITING, "none yet; templates bring methods that fit")
    if without:
        return Standing(SetupState.IN_HAND, f"{counted(len(owners), 'KPI')}, {without} without an owner")
    return Standing(SetupState.DONE, f"{counted(len(owners), 'KPI')}, each with an owner")


def facts_stand() -> Standing:
    """Done once each KPI that is measured has some."""
    measured, having, waiting = measured_kpis()
    some = len(having | waiting)
    if not some:
        return Standing(SetupState.WAITING, "none yet; one number per KPI, customer and month")
    said = f"{some} of {counted(len(measured), 'KPI')} that are measured {'has' if some == 1 else 'have'} some"
    return Standing(SetupState.DONE if some == len(measured) else SetupState.IN_HAND, said)


def targets_stand() -> Standing:
    """Done once each KPI has an approved one."""
    rows = set(Target.objects.filter(kpi__retired_from=None).values_list("kpi", "state").distinct())
    of = {state: {kpi for kpi, at in rows if at == state} for state in TargetState}
    approved, proposed, drafted = of[TargetState.APPROVED], of[TargetState.PROPOSED], of[TargetState.DRAFT]
    without = "" if Team().holders(Right.APPROVE_TARGETS) else "; nobody from finance, so nobody approves any"
    if not rows:
        return Standing(SetupState.WAITING, f"none yet{without}")
    count = Kpi.objects.filter(retired_from=None).count()
    said = f"approved of {len(approved)} of {counted(count, 'KPI')}"
    waits = f", proposed of {len(proposed)}" if proposed else ""
    waits += f", drafts of {len(drafted)}" if drafted else ""
    return Standing(SetupState.DONE if len(approved) == count else SetupState.IN_HAND, f"{said}{waits}{without}")


def matrix_stands() -> Standing:
    """Done once something has been rolled up."""
    if has_matrix():
        agreed = Target.objects.filter(state=TargetState.APPROVED).exists()
        said = "values and verdicts" if agreed else "values; no verdicts, for no target is approved"
        return Standing(SetupState.DONE, said)
    if SliceTouch.objects.exists():
        said = "is being worked out" if somebody_works() else "waits for a worker: none runs"
        return Standing(SetupState.IN_HAND, said)
    return Standing(SetupState.WAITING, "after the facts of one month; without targets it shows values and no verdicts")


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template to choose, whether its KPI is there already, and what it brings along."""

    template: KpiTemplate
    taken: bool
    brings: str


@dataclass(frozen=True, slots=True)
class KpisShown:
    """The templates, and the KPIs that nobody owns."""

    templates: list[TemplateLine]
    unowned: list[Kpi]


def _kpis_shown(person: User) -> KpisShown:
    unowned = Kpi.objects.filter(retired_from=None, owner=None)
    return KpisShown(_template_lines(), list(unowned.in_matrix_order()))


def _template_lines() -> list[TemplateLine]:
    taken = set(Kpi.objects.values_list("code", flat=True))
    names = {one.code: one.name for one in TEMPLATES}
    brings = {one.code: ", ".join(sorted(names[code] for code in needed_by(one) - taken)) for one in TEMPLATES}
    return [TemplateLine(one, one.code in taken, brings[one.code]) for one in TEMPLATES]


def _take_templates(form: TemplatesForm, person: User) -> str:
    made = take_templates(by=person, codes=form.cleaned_data["templates"])
    if not made:
        return "Nothing was added: the library has these KPIs."
    return f"Added {counted(len(made), 'KPI')}: {some_of([kpi.name for kpi in made], 3)}. Say who owns them."


@dataclass(frozen=True, slots=True)
class FactsShown:
    """The KPIs that are measured and have no fact or actual yet."""

    lacking: list[Kpi]


def _facts_shown(person: User) -> FactsShown:
    measured, having, waiting = measured_kpis()
    return FactsShown([kpi for kpi in measured if kpi.pk not in having | waiting])


@dataclass(frozen=True, slots=True)
class TargetsShown:
    """Who may propose and who may approve, empty for nobody; the targets that were not proposed yet; the grid of the
    year that the data reach.
    """

    proposers: str
    approvers: str
    drafts: int
    url: str


def _targets_shown(person: User) -> TargetsShown:
    team = Team()
    proposers, approvers = (team.holders(right) for right in (Right.PROPOSE_TARGETS, Right.APPROVE_TARGETS))
    return TargetsShown(some_of(proposers, 3), some_of(approvers, 3), _drafts().count(), _grid_url())


def _drafts() -> TargetQuerySet:
    return Target.objects.filter(state=TargetState.DRAFT)


def _grid_url() -> str:
    month = last_month_with_data()
    year = f"?year={company().calendar.period(Kind.YEAR, month).code}" if month else ""
    return f"{reverse('targets')}{year}"


def _drafts_form(person: User, data: Any, files: Any) -> ProposeDraftsForm | None:
    return ProposeDraftsForm(data) if _drafts().exists() else None


def _propose_drafts(form: ProposeDraftsForm, person: User) -> str:
    drafts = list(_drafts().values_list("pk", flat=True))
    propose(targets=drafts, by=person, note=form.cleaned_data["note"])
    return f"{counted(len(drafts), 'target')} {'waits' if len(drafts) == 1 else 'wait'} for finance now."


def _templates_form(person: User, data: Any, files: Any) -> TemplatesForm:
    return TemplatesForm(data)


STEPS = (
    SetupStep(
        place=SetupPlace.KPIS,
        title="KPIs",
        verb="Choose",
        takers=Right.MANAGE_KPIS,
        stand=kpis_stand,
        template="setup/kpis.html",
        kinds=("departments", "kpis"),
        shown=_kpis_shown,
        form=_templates_form,
        take=_take_templates,
    ),
    SetupStep(
        place=SetupPlace.FACTS,
        title="Facts",
        verb="Bring",
        takers=Right.LOAD,
        stand=facts_stand,
        template="setup/facts.html",
        kinds=("facts", "tier_actuals", "complete_months"),
        shown=_facts_shown,
    ),
    SetupStep(
        place=SetupPlace.TARGETS,
        title="Targets",
        verb="Propose",
        takers=Right.PROPOSE_TARGETS,
        stand=targets_stand,
        template="setup/targets.html",
        kinds=("targets",),
        shown=_targets_shown,
        form=_drafts_form,
        take=_propose_drafts,
    ),
    SetupStep(
        place=SetupPlace.MATRIX,
        title="First matrix",
        verb="Look",
        takers=Right.READ,
        stand=matrix_stands,
        template="setup/matrix.html",
    ),
)
