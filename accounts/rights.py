"""Who may do what: the one module that pages, admin, exports and the API ask.

A right is a permission name; ask ``user.has_perm(Right.X)``, in a page's view by ``@page(Right.X)``,
in the API by ``HasRight``, in the admin by ``AuditedAdmin``. Everything
that is not granted here is denied. The table is that of the contract, cell by cell.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from rules.permissions import add_perm
from rules.predicates import predicate

from accounts.choices import Role


class Right(StrEnum):
    """The verbs of the product."""

    READ = "tierboard.read"
    READ_CUSTOMERS = "tierboard.read_customers"
    READ_OWN_CUSTOMERS = "tierboard.read_own_customers"
    READ_WARNINGS = "tierboard.read_warnings"
    READ_OWN_WARNINGS = "tierboard.read_own_warnings"
    COMMENT = "tierboard.comment"
    SUBSCRIBE = "tierboard.subscribe"
    NOTE_ACTIONS = "tierboard.note_actions"
    NOTE_OWN_ACTIONS = "tierboard.note_own_actions"
    CREATE_CANDIDATE = "tierboard.create_candidate"
    EDIT_INITIATIVES = "tierboard.edit_initiatives"
    EDIT_OWN_INITIATIVES = "tierboard.edit_own_initiatives"
    APPROVE_INITIATIVES = "tierboard.approve_initiatives"
    MANAGE_KPIS = "tierboard.manage_kpis"
    SET_STEPS = "tierboard.set_steps"
    PROPOSE_KPIS = "tierboard.propose_kpis"
    ENTER_ACTUALS = "tierboard.enter_actuals"
    ENTER_OWN_ACTUALS = "tierboard.enter_own_actuals"
    PROPOSE_TARGETS = "tierboard.propose_targets"
    PROPOSE_OWN_TARGETS = "tierboard.propose_own_targets"
    APPROVE_TARGETS = "tierboard.approve_targets"
    PREPARE_CLOSINGS = "tierboard.prepare_closings"
    CLOSE_PERIODS = "tierboard.close_periods"
    MANAGE_LINKS = "tierboard.manage_links"
    PROPOSE_LINKS = "tierboard.propose_links"
    INCENTIVE_GOALS = "tierboard.incentive_goals"
    LOAD = "tierboard.load"
    ADMINISTER = "tierboard.administer"

    @property
    def label(self) -> str:
        """The right in words, for a list of scopes."""
        return self.value.removeprefix("tierboard.").replace("_", " ").capitalize().replace("kpis", "KPIs")


_EXEC, _OWNER, _FIN, _STEWARD, _INTEG, _ADMIN = (
    Role.EXECUTIVE,
    Role.OWNER,
    Role.FINANCE,
    Role.STEWARD,
    Role.INTEGRATOR,
    Role.ADMINISTRATOR,
)

# An integrator has a right only through a token whose scopes name it.
GRANTS: dict[Right, frozenset[Role]] = {
    Right.READ: frozenset({_EXEC, _OWNER, _FIN, _STEWARD, _INTEG, _ADMIN}),
    Right.READ_CUSTOMERS: frozenset({_EXEC, _FIN, _STEWARD, _INTEG, _ADMIN}),
    Right.READ_OWN_CUSTOMERS: frozenset({_OWNER}),
    Right.READ_WARNINGS: frozenset({_EXEC, _FIN, _STEWARD}),
    Right.READ_OWN_WARNINGS: frozenset({_OWNER}),
    Right.COMMENT: frozenset({_EXEC, _OWNER, _FIN, _STEWARD, _ADMIN}),
    Right.SUBSCRIBE: frozenset({_EXEC, _OWNER, _FIN, _STEWARD, _ADMIN}),
    Right.NOTE_ACTIONS: frozenset({_EXEC, _FIN, _STEWARD, _INTEG, _ADMIN}),
    Right.NOTE_OWN_ACTIONS: frozenset({_OWNER}),
    Right.CREATE_CANDIDATE: frozenset({_EXEC, _OWNER, _FIN, _STEWARD, _INTEG, _ADMIN}),
    Right.EDIT_INITIATIVES: frozenset({_STEWARD, _INTEG, _ADMIN}),
    Right.EDIT_OWN_INITIATIVES: frozenset({_OWNER}),
    Right.APPROVE_INITIATIVES: frozenset({_EXEC}),
    Right.MANAGE_KPIS: frozenset({_STEWARD, _INTEG, _ADMIN}),
    Right.SET_STEPS: frozenset({_STEWARD, _INTEG, _ADMIN}),
    Right.PROPOSE_KPIS: frozenset({_OWNER}),
    Right.ENTER_ACTUALS: frozenset({_STEWARD, _INTEG, _ADMIN}),
    Right.ENTER_OWN_ACTUALS: frozenset({_OWNER}),
    Right.PROPOSE_TARGETS: frozenset({_FIN, _STEWARD, _INTEG}),
    Right.PROPOSE_OWN_TARGETS: frozenset({_OWNER}),
    Right.APPROVE_TARGETS: frozenset({_FIN}),
    Right.PREPARE_CLOSINGS: frozenset({_FIN, _STEWARD}),
    Right.CLOSE_PERIODS: frozenset({_EXEC, _FIN}),
    Right.MANAGE_LINKS: frozenset({_STEWARD, _INTEG}),
    Right.PROPOSE_LINKS: frozenset({_OWNER}),
    Right.INCENTIVE_GOALS: frozenset({_EXEC, _FIN}),
    Right.LOAD: frozenset({_STEWARD, _INTEG, _ADMIN}),
    Right.ADMINISTER: frozenset({_ADMIN}),
}

# What takes a decision in a person's name. A token that somebody else made for them never carries these:
# approving and rejecting targets and benefits, approving initiatives, overriding, confirming recognition, signing; nor
# what others are paid by.
DECISIONS: frozenset[Right] = frozenset(
    {Right.APPROVE_INITIATIVES, Right.APPROVE_TARGETS, Right.CLOSE_PERIODS, Right.INCENTIVE_GOALS}
)
# What a superuser has by a role alone, as everybody: what others are paid by is no matter of running the product.
BY_ROLE_ALONE: frozenset[str] = frozenset({Right.INCENTIVE_GOALS})


def holds(user: Any, right: Right) -> bool:
    """Whether a person's roles give them a right.

    Nobody and people who were deactivated hold none; an integrator's role counts only where a token
    acts. What a token's scopes leave out is refused by ``User.has_perm``, superusers included.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    roles = user.roles if user.token_scopes is not None else user.roles - {Role.INTEGRATOR}
    return bool(roles & GRANTS[right])


def _predicate(right: Right) -> Any:
    def check(user: Any) -> bool:
        return holds(user, right)

    return predicate(check, name=f"holds_{right.name.lower()}")  # type: ignore[no-untyped-call]


for _right in Right:
    add_perm(_right.value, _predicate(_right))  # type: ignore[no-untyped-call]
