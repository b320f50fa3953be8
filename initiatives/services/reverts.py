"""What of the register is given back from an entry of the audit, each by the service of such a change by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Verb
from accounts.models import ExchangeRate, ListView, User
from accounts.rights import Right
from accounts.services.views import keep_view
from core.auditing import row_of
from core.records import Revert, register_revert
from core.stale import revision_of
from customers.models import Tier
from initiatives.access import may_edit
from initiatives.models import Moment, PainPoint
from initiatives.services import milestones, moments, pain, register, settings
from initiatives.services.moment_values import linked, named_kpi

Write = Callable[[Any, User, dict[str, Any], str], Any]


def _initiative(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return register.edit_initiative(initiative=row, by=by, values=values, seen=revision_of(row), reason=reason)


def _list(name: str, kept: Any) -> list[Any]:
    """Tiers by code, people by key, KPIs as ``code`` or ``code@tier``. Raises NotThere."""
    if name == "tiers":
        return [row_of(Tier, code) for code in kept]
    if name == "team":
        return [row_of(User, key) for key in kept]
    return [named_kpi(text) for text in kept]


def _moment_list(name: str, kept: Any) -> list[Any]:
    """The same of a moment of truth. Raises NotThere."""
    return linked(name, kept)


def _renamed(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return milestones.rename_milestone(milestone=row, by=by, title=values["title"])


def _redated(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return milestones.redate_milestone(milestone=row, by=by, due=values["due"], reason=reason, seen=revision_of(row))


def _ticked(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    day = values["done_on"]
    if day is None:
        return milestones.untick_milestone(milestone=row, by=by)
    return milestones.tick_milestone(milestone=row, by=by, on=day)


def _dropped(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return milestones.restore_milestone(milestone=row, by=by, reason=reason)


def _pain(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return pain.edit_pain_point(pain_point=row, by=by, values=values, seen=revision_of(row))


def _pain_again(row: Any, by: User, values: dict[str, Any], reason: str) -> PainPoint:
    return pain.enter_pain_point(by=by, values=values)


def _moment(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return moments.edit_moment(moment=row, by=by, values=values, seen=revision_of(row))


def _moment_again(row: Any, by: User, values: dict[str, Any], reason: str) -> Moment:
    return moments.create_moment(by=by, values=values)


def _policy(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return settings.set_policy(by=by, values=values, seen=revision_of(row))


def _rate(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return settings.set_rate(by=by, currency=row.currency, year=row.year, rate=values["rate"], seen=row.rate)


def _rate_again(row: Any, by: User, values: dict[str, Any], reason: str) -> ExchangeRate | None:
    return settings.set_rate(by=by, currency=values["currency"], year=values["year"], rate=values["rate"])


def _document_again(row: Any, by: User, values: dict[str, Any], reason: str) -> Any:
    return register.add_document(initiative=row, by=by, title=values["title"], url=values["url"])


def _kept(name: str, kept: Any) -> Any:
    """What is no column, as it is kept."""
    return kept


def _view_again(row: Any, by: User, values: dict[str, Any], reason: str) -> ListView:
    return keep_view(by=by, list="initiatives", name=values["name"], query=values["query"], shared=values["shared"])


def _holds(right: Right) -> Callable[[Any, User], bool]:
    return lambda row, person: person.has_perm(right)


def _edits_step(row: Any, person: User) -> bool:
    return may_edit(person, row.initiative)


def _edits(row: Any, person: User) -> bool:
    return may_edit(person, row)


def _words(row: Any, person: User) -> bool:
    return moments.may_word(person)


def _sets_rates(row: Any, person: User) -> bool:
    return settings.may_set_rates(person)


def register_all() -> None:
    """Make them known."""
    mine = (*register.FIELDS, *register.LISTS)
    register_revert("initiatives.initiative", Verb.CHANGED, Revert(mine, _edits, _initiative, _list))
    document = Revert(("title", "url"), _edits, _document_again, _kept, gone=True)
    register_revert("initiatives.initiative", Verb.UNLINKED_DOCUMENT, document)
    steps: dict[Verb, tuple[tuple[str, ...], Write]] = {
        Verb.RENAMED: (("title",), _renamed),
        Verb.REDATED: (("due",), _redated),
        Verb.TICKED: (("done_on",), _ticked),
        Verb.UNTICKED: (("done_on",), _ticked),
        Verb.DROPPED: (("dropped_on", "dropped_reason"), _dropped),
    }
    for verb, (fields, write) in steps.items():
        register_revert("initiatives.milestone", verb, Revert(fields, _edits_step, write))
    stewards = _holds(Right.MANAGE_KPIS)
    register_revert("initiatives.painpoint", Verb.CHANGED, Revert(pain.FIELDS, stewards, _pain))
    register_revert("initiatives.painpoint", Verb.DELETED, Revert(pain.FIELDS, stewards, _pain_again, gone=True))
    said, writers = (*moments.FIELDS, *moments.LISTS), _holds(Right.MANAGE_LINKS)
    register_revert("initiatives.moment", Verb.CHANGED, Revert(said, _words, _moment, _moment_list))
    gone = Revert(("code", *said), writers, _moment_again, _moment_list, gone=True)
    register_revert("initiatives.moment", Verb.DELETED, gone)
    register_revert(
        "initiatives.policy", Verb.CHANGED, Revert(settings.POLICY_FIELDS, _holds(Right.ADMINISTER), _policy)
    )
    register_revert("accounts.exchangerate", Verb.CHANGED, Revert(("rate",), _sets_rates, _rate))
    rate = ("currency", "year", "rate")
    register_revert("accounts.exchangerate", Verb.DELETED, Revert(rate, _sets_rates, _rate_again, gone=True))
    view = ("user", "name", "query", "shared")  # entries of the time when the register's views had a table of their own
    register_revert("initiatives.savedview", Verb.DELETED, Revert(view, _holds(Right.READ), _view_again, gone=True))
