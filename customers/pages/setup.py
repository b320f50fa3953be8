"""Tiers and customers, as steps of setting up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from accounts.choices import SetupState
from accounts.company import today
from accounts.models import User
from accounts.pages.addresses import customers_link, tiers_link
from accounts.rights import Right
from core.formatting import counted, sentence_list
from core.setup import SetupPlace, SetupStep, Standing
from customers.forms import FirstTiersForm
from customers.models import Customer, Tier, TierMembership
from customers.services.first_tiers import add_tiers


@dataclass(frozen=True, slots=True)
class TiersShown:
    """The tiers that there are, best first, and where they are kept."""

    tiers: list[Tier]
    url: str


def tiers_stand() -> Standing:
    """Done with the first tier."""
    names = list(Tier.objects.real().values_list("name", flat=True))
    return Standing(SetupState.DONE, ", ".join(names)) if names else Standing(SetupState.WAITING, "none yet")


def customers_stand() -> Standing:
    """Done once each customer has a tier today."""
    count = Customer.objects.count()
    if not count:
        return Standing(SetupState.WAITING, "none yet")
    latest = TierMembership.objects.filter(customer=OuterRef("pk"), starts_on__lte=today()).order_by("-starts_on")
    without = Customer.objects.annotate(now=Subquery(latest.values("tier")[:1])).filter(now=None).count()
    if without:
        said = f"{count:,} here, {without:,} without a tier: they count in All and Untiered"
        return Standing(SetupState.IN_HAND, said)
    return Standing(SetupState.DONE, f"{counted(count, 'customer')}, each with a tier")


def _tiers_shown(person: User) -> TiersShown:
    return TiersShown(list(Tier.objects.real()), tiers_link())


def _tiers_form(person: User, data: Any, files: Any) -> FirstTiersForm:
    return FirstTiersForm(data, last_rank=Tier.objects.real().aggregate(last=Max("rank"))["last"])


def _take_tiers(form: FirstTiersForm, person: User) -> str:
    made = add_tiers(by=person, rows=form.rows)
    return f"Added: {sentence_list([tier.name for tier in made])}."


TIERS = SetupStep(
    place=SetupPlace.TIERS,
    title="Tiers",
    verb="Add",
    takers=Right.MANAGE_KPIS,
    stand=tiers_stand,
    template="setup/tiers.html",
    kinds=("tiers",),
    shown=_tiers_shown,
    form=_tiers_form,
    take=_take_tiers,
)
CUSTOMERS = SetupStep(
    place=SetupPlace.CUSTOMERS,
    title="Customers and their tiers",
    verb="Bring",
    takers=Right.MANAGE_KPIS,
    stand=customers_stand,
    template="setup/customers.html",
    kinds=("business_units", "customers", "tier_memberships", "lifecycle_events"),
    shown=lambda person: customers_link(),
)
