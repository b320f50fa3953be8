"""Two people who close a period in the same moment, and a process that dies in the middle: one edition, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.choices import Role
from core.periods import FiscalCalendar, Period
from core.writes import StaleWrite
from kpis.rollup.runs import roll_up_now
from scorecard.models import Closing, Edition, EditionName
from scorecard.reading.editions import verify
from scorecard.services import editions
from scorecard.services.editions import prepare_closing, sign_closing
from tests import factories
from tests.threads import at_once

Q3 = Period.parse("2011-Q3", FiscalCalendar())


@pytest.fixture
def closing(transactional_db: None) -> Closing:
    """A quarter that is whole, prepared by finance."""
    kpi, customer = factories.kpi("revenue"), factories.customer("C1", tier=factories.tier("T1"))
    for month in (201107, 201108, 201109):
        factories.fact(kpi, customer, month, 10)
    roll_up_now()
    return prepare_closing(period=Q3, by=factories.person("Fay", Role.FINANCE))


def test_two_who_sign_at_once_issue_one_edition(closing: Closing) -> None:
    people = [factories.person(name, Role.EXECUTIVE) for name in ("Ines", "Ida")]

    def sign(who: int) -> str:
        try:
            return sign_closing(period=Q3, digest=closing.digest, by=people[who]).digest
        except StaleWrite:
            return "late"

    answers = at_once(lambda: sign(0), lambda: sign(1))
    assert sorted(answers) == sorted([Edition.objects.get().digest, "late"])
    assert not list(verify(Edition.objects.all()))


class Died(BaseException):
    """The process is gone: nothing after it runs."""


@pytest.mark.parametrize("step", ["record", "_names", "_signed"])
def test_what_dies_in_the_middle_of_signing_leaves_no_edition(
    step: str, closing: Closing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object, **options: object) -> None:
        raise Died

    signer = factories.person("Ines", Role.EXECUTIVE)
    with monkeypatch.context() as patched:
        patched.setattr(editions, step, die)
        with pytest.raises(Died):
            sign_closing(period=Q3, digest=closing.digest, by=signer)
    assert not Edition.objects.exists()
    assert not EditionName.objects.exists()
    assert Closing.objects.get().digest == closing.digest
    assert sign_closing(period=Q3, digest=closing.digest, by=signer).closed_at <= datetime.now(UTC)
