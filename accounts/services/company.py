"""Writes of the company: what it is called, its money, its time, its logo."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record_change
from accounts.choices import Verb
from accounts.models import Company, CompanyLogo, User
from accounts.rights import Right
from accounts.rules.company import CALENDAR, company_problems
from accounts.rules.logo import NoPicture, picture_of
from core.auditing import state_of
from core.setup import what_is_dated
from core.stale import as_seen
from core.texts import tidied
from core.writes import refuse

FIELDS = ("name", "currency", "time_zone", *CALENDAR, "kpi_mail_day", "one_may_close")


@transaction.atomic
def change_company(
    *, by: User, values: Mapping[str, Any], logo: bytes | None = None, seen: str | None = None
) -> Company:
    """Change what ``values`` names of the company, and its logo (None: it stays, empty: it goes).

    The fiscal calendar changes while nothing stands in a period, and where the environment leaves it open. ``seen``
    is the revision that the person saw. Raises PermissionDenied, StaleWrite, ValidationError by field.
    """
    if not by.has_perm(Right.ADMINISTER):
        raise PermissionDenied("Administrators keep the company; your roles do not include it.")
    old = as_seen(Company.objects.select_for_update().get(pk=1), seen, "The company")
    new = copy(old)
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(new, name, tidied(value) if isinstance(value, str) else value)
    new.currency = new.currency.upper()
    refuse(company_problems(new, old, dated=what_is_dated()))
    if logo is not None:
        new.logo_mark = _keep_logo(logo)
    new.full_clean()
    if record_change(by=by, verb=Verb.CHANGED, obj=new, before=state_of(old)):
        new.save()
    return new


def _keep_logo(content: bytes) -> str:
    """Keep the bytes in place of those before; the mark under which they are. Raises ValidationError."""
    if not content:
        CompanyLogo.objects.all().delete()
        return ""
    try:
        picture = picture_of(content)
    except NoPicture as no:
        raise ValidationError({"logo_mark": f"This {no}."}) from no
    mark = sha256(content).hexdigest()[:16]
    CompanyLogo.objects.exclude(mark=mark).delete()
    CompanyLogo.objects.get_or_create(mark=mark, defaults={"kind": picture.kind, "content": content})
    return mark
