"""Writes of the register: creating and editing initiatives, and the documents that they link to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.company import today
from accounts.models import User
from accounts.rights import Right
from accounts.rules.people import gone_members, gone_problems
from core.auditing import state_of
from core.stale import stored_values
from core.texts import tidied
from core.writes import Problem, StaleWrite, is_double, refuse
from customers.models import Customer
from initiatives.choices import RESERVED_CODES, Stage
from initiatives.models import Document, Initiative
from initiatives.rules.initiative import (
    HIDDEN_CUSTOMER,
    Outline,
    initiative_problems,
    link_problems,
    list_problems,
    redating_problem,
    tier_problems,
)
from initiatives.services.kpi_links import set_kpis
from initiatives.services.trail import claim, require, require_editor, track

# What a person writes; stage, approval and override have verbs of their own.
FIELDS = (
    *("title", "description", "level", "business_unit", "customer", "department", "serves", "customer_focused"),
    *("theme", "owner", "deputy", "sponsor", "team_name", "loyalty_impact", "vendor_choice_impact", "effort"),
    *("cost", "spent", "currency", "baseline_start", "baseline_due", "due", "started_on", "finished_on"),
    "justification",
)
LISTS = ("tiers", "team", "kpis")
_TEXTS = ("title", "description", "theme", "team_name", "currency", "justification")
_LONGEST_CODE = 60
_TRIES = 50


def suggest_code(title: str) -> str:
    """A code made from a title that nothing has yet; ``initiative`` where the title has no letter or digit."""
    base = slugify(title)[: _LONGEST_CODE - 5].strip("-") or "initiative"
    like = Initiative.objects.filter(code__istartswith=base).values_list("code", flat=True)
    taken = {code.lower() for code in like} | RESERVED_CODES
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(code for code in numbers if code not in taken)


@transaction.atomic
def create_initiative(*, by: User, values: Mapping[str, Any]) -> Initiative:
    """A new candidate, known from today.

    ``values`` holds model fields, with objects for references, ``tiers`` and ``team`` as objects and
    ``kpis`` as (KPI, tier or None) pairs; without ``code`` one is made from the title. An owner who
    names no owner becomes it. Raises PermissionDenied, ValidationError by field.
    """
    require(by, Right.CREATE_CANDIDATE, "Your roles do not include entering a candidate.")
    fields = {name: value for name, value in values.items() if name in FIELDS}
    initiative = Initiative(created_by=by, known_from=today(), stage=Stage.CANDIDATE, **fields)
    initiative.due = initiative.due or initiative.baseline_due
    if initiative.owner is None and _is_owner_alone(by):
        initiative.owner = by
    problems = [*_of_customer(initiative.customer, by), *_of_lists(values)]
    _insert(initiative, (values.get("code") or "").strip(), problems)
    _set_lists(initiative, values)
    record(by=by, verb=Verb.CREATED, obj=initiative, after=state_of(initiative))
    return initiative


def _insert(initiative: Initiative, named: str, problems: list[Problem]) -> None:
    """Check and keep a new row, by the code that the person named or by one made from its title, which takes the
    next number where somebody took it in this moment. Raises StaleWrite, ValidationError by field.
    """
    for _ in range(_TRIES):
        initiative.code = named or suggest_code(initiative.title)
        try:
            with transaction.atomic():
                _validate(initiative, None, list(problems))
                initiative.save()
        except (IntegrityError, ValidationError) as error:
            if named and is_double(error):
                raise ValidationError({"code": "Somebody has just taken this code; choose another."}) from error
            if named or not Initiative.objects.filter(code__iexact=initiative.code).exists():
                raise
        else:
            return
    raise StaleWrite("Many enter the same title in this moment; nothing was kept. Send it again.")


def _is_owner_alone(by: User) -> bool:
    """Whether the person owns initiatives rather than looking after all of them."""
    return by.has_perm(Right.EDIT_OWN_INITIATIVES) and not by.has_perm(Right.EDIT_INITIATIVES)


@transaction.atomic
def edit_initiative(
    *, initiative: Initiative, by: User, values: Mapping[str, Any], seen: str, reason: str = ""
) -> Initiative:
    """Change what ``values`` names (as in ``create_initiative``) and leave the rest; answers it as it is now.

    ``seen`` is the revision that the person saw. Of what is approved, running or on hold a new due
    date needs a reason; the baseline of what has started stays. Raises PermissionDenied, StaleWrite,
    ValidationError by field.
    """
    require_editor(by, initiative)
    row = claim(initiative, seen)
    before, old, customer, held = state_of(row), Outline.of(row), row.customer_id, stored_values(row)
    started = not {"baseline_start", "baseline_due"}.isdisjoint(values) and has_started(row)
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    if "due" not in values and before["due"] == before["baseline_due"] and not started:
        row.due = row.baseline_due
    unsaid = redating_problem(old.stage, old.plan.due, row.due, reason)
    refuse([("reason", unsaid)] if unsaid else [])
    named = row.customer if row.customer_id != customer else None
    members = set(row.team.values_list("pk", flat=True)) if "team" in values else set()
    _validate(row, old, [*_of_customer(named, by), *_of_lists(values, members)], started=started)
    if stored_values(row) != held:
        row.save()
    _set_lists(row, values)
    track(initiative=row, by=by, before=before, reason=reason.strip())
    record_change(by=by, verb=Verb.CHANGED, obj=row, before=before, reason=reason.strip())
    return row


def has_started(initiative: Initiative) -> bool:
    """Whether work on it began: it runs, is done, has a start, or ran before it was put on hold or cancelled."""
    return initiative.pk is not None and Initiative.objects.filter(pk=initiative.pk).started().exists()


def _validate(row: Initiative, old: Outline | None, problems: list[Problem], *, started: bool = False) -> None:
    """Fields, rules, constraints, and what was found before. Raises ValidationError by field."""
    for name in _TEXTS:
        setattr(row, name, tidied(getattr(row, name) or ""))
    row.currency = row.currency.upper()
    problems += initiative_problems(Outline.of(row), old, started=started, today=today())
    problems += gone_problems(row, "owner", "deputy", "sponsor")
    try:
        row.full_clean(validate_constraints=not problems)
    except ValidationError as error:
        refuse([*((name, text) for name, texts in error.message_dict.items() for text in texts), *problems])
    refuse(problems)


def _of_customer(named: Customer | None, by: User) -> list[Problem]:
    """A customer that is newly named is one whom the person may read."""
    hidden = named is not None and not Customer.objects.visible_to(by).filter(pk=named.pk).exists()
    return [("customer", HIDDEN_CUSTOMER)] if hidden else []


def _of_lists(values: Mapping[str, Any], members: Collection[int] = ()) -> Iterator[Problem]:
    """What is wrong with tiers, team and KPIs, where they are named; ``members`` were in the team before."""
    for name in LISTS:
        yield from list_problems(name, len(list(values.get(name, ()))))
    yield from gone_members("team", values.get("team", ()), members)
    yield from tier_problems((tier.code, tier.scope) for tier in values.get("tiers", ()))
    yield from link_problems(tier.scope for _, tier in values.get("kpis", ()) if tier)


def _set_lists(row: Initiative, values: Mapping[str, Any]) -> None:
    """Tiers, team and KPIs, where they are named."""
    if "tiers" in values:
        row.tiers.set(values["tiers"])
    if "team" in values:
        row.team.set(values["team"])
    if "kpis" in values:
        set_kpis(row, values["kpis"])


@transaction.atomic
def add_document(*, initiative: Initiative, by: User, title: str, url: str) -> Document:
    """A link to something written about it. Raises PermissionDenied, ValidationError by field."""
    require_editor(by, initiative)
    document = Document(initiative=initiative, title=title.strip(), url=url.strip())
    document.full_clean()
    if not document.url.lower().startswith(("http://", "https://")):
        raise ValidationError({"url": "A link begins with https:// or http://."})
    document.save()
    record(by=by, verb=Verb.LINKED_DOCUMENT, obj=initiative, after={"title": document.title, "url": document.url})
    return document


@transaction.atomic
def remove_document(*, document: Document, by: User) -> None:
    """The link goes; removed twice is as removed once. Raises PermissionDenied."""
    initiative = document.initiative
    require_editor(by, initiative)
    if Document.objects.filter(pk=document.pk).delete()[0]:
        before = {"title": document.title, "url": document.url}
        record(by=by, verb=Verb.UNLINKED_DOCUMENT, obj=initiative, before=before)
