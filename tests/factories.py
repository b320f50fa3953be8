"""Small made-up things with sensible defaults: name in a test only what the test is about.

Whatever changes what a rollup would compute leaves its mark (SliceTouch, TierTouch), as the services do,
so ``roll_up_now`` after a factory sees it.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts.choices import UnitKind
from accounts.company import today
from accounts.models import Action, BusinessUnit, Department, RoleGrant, Thread, ThreadWord, User
from customers.models import Customer, LifecycleEvent, Tier, TierMembership, TierTouch
from initiatives.choices import BenefitKind, BenefitState, CustomerRole, Health, Level, MomentStage, Stage
from initiatives.models import (
    Benefit,
    Initiative,
    InitiativeKpi,
    Milestone,
    Moment,
    MomentKpi,
    MomentTheme,
    PainPoint,
    StatusUpdate,
)
from kpis.choices import CustomerMethod, Direction, Indicator, LinkSign, Per, TargetState, TimeMethod, Unit
from kpis.models import CompleteMonth, Fact, Kpi, KpiProposal, Link, SliceTouch, Target, TierActual
from kpis.services.proposals import FIELDS

PASSWORD = "correct horse battery"  # every person of the tests
Number = Decimal | int | str

_serial = count(1)


def person(name: str, *roles: str, **fields: Any) -> User:
    """A person called ``name`` whose address is name@tierboard.example, with those roles."""
    user = User(email=f"{name.lower()}@tierboard.example", password=_kept_password(), name=name, **fields)
    User.objects.bulk_create([user])  # past what a new password of somebody who has tokens asks for
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role=role) for role in roles])
    return user


@cache
def _kept_password() -> str:
    return make_password(PASSWORD)


def signed_in(user: User) -> Client:
    """A browser in which that person is signed in, without the cost of signing in."""
    session = SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = "accounts.backends.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return browser


def department(code: str = "sales", **fields: Any) -> Department:
    """The department with that code, made where it is missing."""
    return Department.objects.get_or_create(code=code, defaults={"name": code.title(), **fields})[0]


def business_unit(code: str = "europe", **fields: Any) -> BusinessUnit:
    """The business unit with that code, made where it is missing."""
    defaults = {"name": code.title(), "kind": UnitKind.REGION, **fields}
    return BusinessUnit.objects.get_or_create(code=code, defaults=defaults)[0]


def kpi(code: str = "", **fields: Any) -> Kpi:
    """A KPI: a trailing sum over customers and months, higher is better, unless said otherwise."""
    code = code or f"kpi_{next(_serial)}"
    defaults = {
        "name": code.replace("_", " ").capitalize(),
        "indicator": Indicator.TRAILING,
        "unit": Unit.NUMBER,
        "direction": Direction.HIGHER,
        "customer_method": CustomerMethod.SUM,
        "time_method": TimeMethod.SUM,
        "position": next(_serial),
    }
    return Kpi.objects.create(code=code, **(defaults | fields))


def kpi_proposal(code: str = "", *, proposed_by: User, **fields: Any) -> KpiProposal:
    """A proposal of a leading sum over customers and months that waits, unless said otherwise."""
    meant = Kpi(
        code=code or f"kpi_{next(_serial)}",
        indicator=Indicator.LEADING,
        unit=Unit.NUMBER,
        direction=Direction.HIGHER,
        customer_method=CustomerMethod.SUM,
        time_method=TimeMethod.SUM,
    )
    values = {name: getattr(meant, name) for name in FIELDS} | {"name": meant.code.replace("_", " ").capitalize()}
    return KpiProposal.objects.create(
        **({"values": values, "why": "It is missing.", "proposed_by": proposed_by} | fields)
    )


def link(leading: Kpi, trailing: Kpi, **fields: Any) -> Link:
    """A link that is written down, of numbers that rise and fall together, unless said otherwise."""
    defaults = {"sign": LinkSign.SAME, "mechanism": "One leads to the other."}
    return Link.objects.create(leading=leading, trailing=trailing, **(defaults | fields))


def tier(code: str = "T1", **fields: Any) -> Tier:
    """A tier; its rank is the number in its code."""
    digits = "".join(letter for letter in code if letter.isdigit())
    defaults = {"name": f"Tier {code}", "rank": int(digits or next(_serial))}
    return Tier.objects.create(code=code, **(defaults | fields))


def all_customers() -> Tier:
    """The computed column of all customers."""
    return Tier.objects.get(code="all")


def untiered() -> Tier:
    """The computed column of customers without a tier."""
    return Tier.objects.get(code="untiered")


def customer(external_id: str = "", *, tier: Tier | None = None, **fields: Any) -> Customer:
    """A customer; with ``tier``, in that tier since the beginning of 2000."""
    external_id = external_id or f"C{next(_serial):05d}"
    made = Customer.objects.create(external_id=external_id, **({"name": f"Account {external_id}"} | fields))
    if tier is not None:
        member(made, tier)
    return made


def member(customer: Customer, tier: Tier | None, starts_on: date | str = date(2000, 1, 1)) -> TierMembership:
    """From that day on the customer is in the tier (None: in no tier)."""
    day = date.fromisoformat(starts_on) if isinstance(starts_on, str) else starts_on
    TierTouch.objects.create(first_month=day.year * 100 + day.month)
    return TierMembership.objects.create(customer=customer, tier=tier, starts_on=day)


def lifecycle_event(customer: Customer, on: date | str, kind: str) -> LifecycleEvent:
    """The customer joined, left or returned on that day."""
    return LifecycleEvent.objects.create(customer=customer, on=date.fromisoformat(str(on)), kind=kind)


def fact(kpi: Kpi, customer: Customer, month: int, numerator: Number, denominator: Number | None = None) -> Fact:
    """One measurement, by no load (``load_id`` 0)."""
    touch(kpi, month)
    return Fact.objects.create(
        kpi=kpi, customer=customer, month=month, numerator=numerator, denominator=denominator, load_id=0
    )


def tier_actual(kpi: Kpi, tier: Tier, month: int, numerator: Number, denominator: Number | None = None) -> TierActual:
    """A month's actual of a whole tier."""
    touch(kpi, month)
    return TierActual.objects.create(kpi=kpi, tier=tier, month=month, numerator=numerator, denominator=denominator)


def complete_month(kpi: Kpi, month: int) -> CompleteMonth:
    """The steward's word that the KPI's month is all there."""
    touch(kpi, month)
    return CompleteMonth.objects.create(kpi=kpi, month=month)


def touch(kpi: Kpi, month: int) -> SliceTouch:
    """The mark that the KPI's month is to be rolled up again."""
    return SliceTouch.objects.create(kpi=kpi, month=month)


def target(kpi: Kpi, tier: Tier, from_month: int, value: Number | None = None, **fields: Any) -> Target:
    """An approved target per month with that value (or ``low=``, ``high=``), unless said otherwise."""
    defaults = {"per": Per.MONTH, "state": TargetState.APPROVED, "value": value}
    return Target.objects.create(kpi=kpi, tier=tier, from_month=from_month, **(defaults | fields))


def initiative(
    code: str = "", *, tiers: tuple[Tier, ...] = (), kpis: tuple[Any, ...] = (), **fields: Any
) -> Initiative:
    """A corporate initiative that runs on schedule: begun ten days ago, due in ninety, unless said otherwise.

    ``kpis`` are KPIs, or pairs of a KPI and a tier, that it should move.
    """
    code = code or f"initiative-{next(_serial)}"
    start = fields.get("baseline_start", today() - timedelta(days=10))
    due = fields.get("baseline_due", start + timedelta(days=100)) if start else None
    defaults = {
        "title": code.replace("-", " ").capitalize(),
        "level": Level.CORPORATE,
        "stage": Stage.IN_PROGRESS,
        "baseline_start": start,
        "baseline_due": due,
        "due": due,
    }
    if "department" not in fields:
        defaults["department"] = department()
    made = Initiative.objects.create(code=code, **(defaults | fields))
    made.tiers.set(tiers)
    for link in kpis:
        of, of_tier = link if isinstance(link, tuple) else (link, None)
        InitiativeKpi.objects.create(initiative=made, kpi=of, tier=of_tier)
    return made


def milestone(initiative: Initiative, title: str = "Pilot", *, due: date, **fields: Any) -> Milestone:
    """A step of an initiative."""
    return Milestone.objects.create(initiative=initiative, title=title, due=due, **fields)


def status_update(initiative: Initiative, health: str = Health.ON_SCHEDULE, **fields: Any) -> StatusUpdate:
    """The owner's word of today, half done, unless said otherwise."""
    author = fields.pop("author", None) or User.objects.order_by("pk").first() or person("Author")
    return StatusUpdate.objects.create(
        initiative=initiative, health=health, author=author, **({"on": today(), "progress": 50} | fields)
    )


def pain_point(theme: str = "waiting", **fields: Any) -> PainPoint:
    """Ten mentions of severity 3, from a survey, of all customers about sales in this month."""
    day = today()
    defaults: dict[str, Any] = {
        "source": "survey",
        "month": day.year * 100 + day.month,
        "mentions": 10,
        "severity": 3,
    }
    if "department" not in fields:
        defaults["department"] = department()
    if "tier" not in fields:
        defaults["tier"] = all_customers()
    return PainPoint.objects.create(theme=theme, **(defaults | fields))


def moment(code: str = "", *, kpis: Any = (), themes: Any = (), **fields: Any) -> Moment:
    """A moment of truth of users; ``kpis`` are KPIs, or pairs of KPI and tier, ``themes`` texts."""
    code = code or f"moment-{next(_serial)}"
    lists = {name: fields.pop(name, ()) for name in ("tiers", "initiatives")}
    values = {"name": code.capitalize(), "stage": MomentStage.USING, "role": CustomerRole.USER, **fields}
    row = Moment.objects.create(code=code, **values)
    row.tiers.set(lists["tiers"])
    row.initiatives.set(lists["initiatives"])
    pairs = [one if isinstance(one, tuple) else (one, None) for one in kpis]
    MomentKpi.objects.bulk_create(MomentKpi(moment=row, kpi=kpi, tier=tier) for kpi, tier in pairs)
    MomentTheme.objects.bulk_create(MomentTheme(moment=row, theme=theme) for theme in themes)
    return row


def benefit(initiative: Initiative, name: str = "Savings", **fields: Any) -> Benefit:
    """An approved benefit of 1,200 a year in the company's money from this month on, unless said otherwise."""
    day = today()
    defaults: dict[str, Any] = {
        "kind": BenefitKind.KPI if "kpi" in fields else BenefitKind.MONEY,
        "value_per_year": 1200,
        "from_month": day.year * 100 + day.month,
        "state": BenefitState.APPROVED,
    }
    return Benefit.objects.create(initiative=initiative, name=name, **(defaults | fields))


def action(kind: str, key: str, by: User) -> Action:
    """An action that somebody noted for themselves when they asked about a subject."""
    thread = Thread.objects.create(kind=kind, key=key, asked_by=by)
    word = ThreadWord.objects.create(thread=thread, kind="asked", text="Why?", by=by)
    return Action.objects.create(word=word, text="Find out", owner=by, due=today())
