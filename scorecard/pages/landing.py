"""Which page a person begins with, by role."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.choices import Role
from accounts.company import company
from accounts.rights import Right
from core.registry import asks_of
from kpis.reading.setup import has_matrix


def landing_of(user: Any) -> str:
    """The address of the page that a person begins with.

    An administrator of a product that is not set up begins with the set-up, whatever other roles there are. Of several
    roles the first decides, in this order: finance, while a target or a benefit waits that the person may
    decide on, begins there; an executive with the scorecard; owners and stewards with what is asked of them; finance
    and administrators with the scorecard. Who is an integrator and nothing else begins with the page of the API.
    """
    if user.has_perm(Right.ADMINISTER) and not is_set_up():
        return reverse("setup")
    roles = user.roles
    if Role.FINANCE in roles and (waiting := _waiting(user)):
        return waiting
    if roles & {Role.OWNER, Role.STEWARD} and Role.EXECUTIVE not in roles:
        return reverse("my")
    if roles == {Role.INTEGRATOR} and not user.is_superuser:
        return reverse("api_start")
    return reverse("home")


def is_set_up() -> bool:
    """Whether there is a first matrix, or an administrator has said that the set-up is at its end."""
    return has_matrix() or company().setup_ended_at is not None


def _waiting(user: Any) -> str:
    """Where what waits for finance is decided, targets first; empty where nothing does."""
    asked = {ask.url.partition("#")[0] for ask in asks_of(user)}
    return next((url for name in ("approvals", "benefits") if (url := reverse(name)) in asked), "")
