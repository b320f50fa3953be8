"""Writes of moments of truth: stewards write them, owners word the criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.audit import record, record_change
from accounts.choices import Verb
from accounts.models import User
from accounts.rights import Right
from core.auditing import state_of
from core.keys import key_text
from core.stale import as_seen, stored_values
from core.texts import tidied
from core.writes import Problem, is_double, refuse
from initiatives.models import Moment, MomentTheme
from initiatives.rules.moments import OWNED, OWNERS_WORD_IT, MomentOutline, moment_problems
from initiatives.services.kpi_links import set_kpis
from initiatives.services.trail import require

FIELDS = ("name", "stage", "role", "criterion", "customer_win", "our_win")
LISTS = ("tiers", "kpis", "themes", "initiatives")
_TEXTS = ("name", "criterion", "customer_win", "our_win")
_DENIED = "Stewards write moments of truth; your roles do not include it."
_UNWORDED = "Stewards write moments of truth, and owners word what success means there; your roles do neither."


def may_word(person: User) -> bool:
    """Whether the person may word the criterion of a moment."""
    return person.has_perm(Right.MANAGE_LINKS) or person.has_perm(Right.PROPOSE_LINKS)


@transaction.atomic
def create_moment(*, by: User, values: Mapping[str, Any]) -> Moment:
    """A new moment of truth.

    ``values`` holds ``code`` and the model's fields; ``tiers`` and ``initiatives`` as objects, ``kpis`` as (KPI, tier
    or None) pairs, ``themes`` as texts. Raises PermissionDenied, ValidationError by field.
    """
    require(by, Right.MANAGE_LINKS, _DENIED)
    given = _cleaned(values)
    moment = check_moment(given)
    try:
        with transaction.atomic():
            moment.save()
    except IntegrityError as error:
        if is_double(error):
            raise ValidationError({"code": "Somebody has just taken this code; choose another."}) from error
        raise
    _set_lists(moment, given)
    record(by=by, verb=Verb.CREATED, obj=moment, after=state_of(moment))
    return moment


def check_moment(values: Mapping[str, Any], of: Moment | None = None) -> Moment:
    """The moment that these values make, or make ``of`` one that is there, not kept.

    Raises ValidationError by field.
    """
    given = _cleaned(values)
    named = {name: given[name] for name in FIELDS if name in given}
    moment = Moment(pk=of.pk if of else None, code=(given.get("code") or "").strip(), **named)
    moment._state.adding = of is None
    _validate(moment, given)
    return moment


@transaction.atomic
def edit_moment(*, moment: Moment, by: User, values: Mapping[str, Any], seen: str) -> Moment:
    """Change what ``values`` names (as in ``create_moment``) and leave the rest; answers it as it is now.

    ``seen`` is the revision that the person saw. Raises PermissionDenied (an owner words the criterion alone),
    StaleWrite, ValidationError by field.
    """
    named = {name: value for name, value in _cleaned(values).items() if name in {*FIELDS, *LISTS}}
    _require_writer(by, named)
    row = as_seen(Moment.objects.select_for_update().filter(pk=moment.pk).first(), seen, moment)
    before, held = state_of(row), stored_values(row)
    for name in FIELDS:
        if name in named:
            setattr(row, name, named[name])
    _validate(row, named)
    _set_lists(row, named)
    if stored_values(row) != held or state_of(row) != before:
        row.revision += 1
        row.save()
    record_change(by=by, verb=Verb.CHANGED, obj=row, before=before)
    return row


def _require_writer(by: User, named: Iterable[str]) -> None:
    if by.has_perm(Right.MANAGE_LINKS):
        return
    require(by, Right.PROPOSE_LINKS, _UNWORDED)
    if beyond := sorted(set(named) - OWNED):
        raise PermissionDenied(f"{beyond[0].replace('_', ' ').capitalize()} {OWNERS_WORD_IT}. Nothing was changed.")


@transaction.atomic
def delete_moment(*, moment: Moment, by: User, seen: str | None = None) -> None:
    """It goes with its links; deleted twice is as deleted once. Raises PermissionDenied, StaleWrite."""
    require(by, Right.MANAGE_LINKS, _DENIED)
    found = Moment.objects.select_for_update().filter(pk=moment.pk).first()
    if found is not None:
        row = as_seen(found, seen, moment)
        record(by=by, verb=Verb.DELETED, obj=row, before=state_of(row))
        row.delete()


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with themes as they are kept. Raises ValidationError for one that no key may be."""
    try:
        themes = [key_text(tidied(theme)) for theme in values.get("themes", ())]
    except ValueError as error:
        raise ValidationError({"themes": f"A theme {error}."}) from error
    return {**values, **({"themes": [one for one in themes if one]} if "themes" in values else {})}


def _validate(moment: Moment, values: Mapping[str, Any]) -> None:
    """Fields, rules, constraints. Raises ValidationError by field."""
    for name in _TEXTS:
        setattr(moment, name, tidied(getattr(moment, name) or ""))
    outline = MomentOutline(
        moment.code,
        *(moment.criterion, moment.customer_win, moment.our_win),
        tiers=[(tier.code, tier.scope) for tier in values.get("tiers", ())],
        columns=[tier.scope for _, tier in values.get("kpis", ()) if tier],
        themes=values.get("themes", ()),
        counts={name: len(list(values[name])) for name in LISTS if name in values},
    )
    problems: list[Problem] = list(moment_problems(outline))
    try:
        moment.full_clean(validate_constraints=not problems)
    except ValidationError as error:
        told = ((name, text) for name, texts in error.message_dict.items() for text in texts)
        refuse([*told, *(one for one in problems if one[0] not in error.message_dict)])
    refuse(problems)


def _set_lists(moment: Moment, values: Mapping[str, Any]) -> None:
    """Tiers, metrics, themes and initiatives, where they are named."""
    if "tiers" in values:
        moment.tiers.set(values["tiers"])
    if "kpis" in values:
        set_kpis(moment, values["kpis"])
    if "themes" in values:
        _set_themes(moment, values["themes"])
    if "initiatives" in values:
        moment.initiatives.set(values["initiatives"])


def _set_themes(moment: Moment, themes: Iterable[str]) -> None:
    wanted = set(themes)
    stored = {one.theme: one.pk for one in moment.theme_links.all()}
    moment.theme_links.filter(pk__in=[pk for theme, pk in stored.items() if theme not in wanted]).delete()
    MomentTheme.objects.bulk_create(MomentTheme(moment=moment, theme=one) for one in sorted(wanted - set(stored)))
