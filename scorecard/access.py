"""Who sees which early warnings: asked by pages, API, mails and services alike."""

from __future__ import annotations

from accounts.models import User
from accounts.rights import Right
from customers.models import Customer
from customers.querysets import CustomerQuerySet


def warned_to(user: User) -> CustomerQuerySet:
    """The customers whose warnings the person sees, by name: all, their own key accounts, or none."""
    named = Customer.objects.visible_to(user)
    if user.has_perm(Right.READ_WARNINGS):
        return named
    if user.has_perm(Right.READ_OWN_WARNINGS):
        return named.filter(is_key_account=True, account_manager=user)
    return named.none()


def sees_warning_of(user: User, customer: Customer) -> bool:
    """Whether the person sees warnings of this customer: the same of one, without a query."""
    if user.has_perm(Right.READ_WARNINGS):
        return user.has_perm(Right.READ_CUSTOMERS)
    own = customer.is_key_account and customer.account_manager_id == user.pk
    return own and user.has_perm(Right.READ_OWN_WARNINGS) and user.has_perm(Right.READ_OWN_CUSTOMERS)


def sees_warnings(user: User) -> bool:
    """Whether the person sees any."""
    return user.has_perm(Right.READ_WARNINGS) or user.has_perm(Right.READ_OWN_WARNINGS)


def may_respond(user: User, customer: Customer) -> bool:
    """Whether the person may say what was done about a warning of this customer."""
    notes = user.has_perm(Right.NOTE_ACTIONS) or user.has_perm(Right.NOTE_OWN_ACTIONS)
    return notes and sees_warning_of(user, customer)
