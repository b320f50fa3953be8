"""The register's settings, on their own page and on the company's."""

from __future__ import annotations

from typing import Any

from accounts.company import company
from accounts.models import Company, ExchangeRate, User
from accounts.rights import Right
from core.setup import Section
from initiatives.forms.settings import PolicyForm, RateForm
from initiatives.models import Initiative, Policy
from initiatives.services.settings import may_set_rates


def settings_shown(
    person: User, found: Company, *, policy: PolicyForm | None = None, rate: RateForm | None = None
) -> dict[str, Any]:
    """Thresholds, silence and yearly rates, with the forms that the person may send; or one that was refused."""
    used = Initiative.objects.exclude(currency__in=("", found.currency)).order_by("currency")
    return {
        "policy": policy or PolicyForm(policy=Policy.objects.get(pk=1)),
        "rate": rate or RateForm(),
        "rates": ExchangeRate.objects.all(),
        "used": used.values_list("currency", flat=True).distinct(),
        "currency": found.currency,
        "may_set_rates": may_set_rates(person),
        "may_set_policy": person.has_perm(Right.ADMINISTER),
    }


def company_section(person: User) -> Section:
    """The same as a part of the company's page."""
    return Section("initiatives/parts/company_settings.html", settings_shown(person, company()))
