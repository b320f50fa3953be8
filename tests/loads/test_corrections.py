"""A file that corrects a tier actual keeps the old value, with the load as its reason, and who loaded it."""

from __future__ import annotations

from decimal import Decimal

from accounts.loads import undo_load
from accounts.models import Load, User
from kpis.models import Restatement, TierActual
from tests.kpis.test_actuals_page import text_of
from tests.loads.files import Loader

HEAD = "kpi,tier,month,numerator,denominator\n"


def corrections() -> list[tuple[str, Decimal | None, Decimal | None, User | None]]:
    rows = Restatement.objects.order_by("pk").select_related("tier", "by")
    return [(row.tier.code, row.old_numerator, row.numerator, row.by) for row in rows]


def test_a_file_that_corrects_keeps_the_old_value_its_reason_and_who(filled: Loader, stella: User) -> None:
    filled.good("tier_actuals", HEAD + "survey,T1,2011-01,90,10\nsurvey,T2,2011-01,7,1", by=stella)
    assert corrections() == [("T1", Decimal(84), Decimal(90), stella)]
    kept, load = Restatement.objects.get(), Load.objects.latest("pk")
    assert (kept.old_denominator, kept.denominator) == (Decimal(10), Decimal(10))
    assert (kept.load, kept.reason) == (load, f"Load {load.pk}: {load.source}")


def test_the_operators_file_says_by_command(filled: Loader, stella: User) -> None:
    filled.good("tier_actuals", HEAD + "survey,T1,2011-01,84,12")
    assert corrections() == [("T1", Decimal(84), Decimal(84), None)]
    assert "By command" in text_of(stella, "/actuals/survey/2011-01/")


def test_what_a_file_says_again_is_no_correction(filled: Loader) -> None:
    filled.good("tier_actuals", HEAD + "survey,T1,2011-01,84,10\nsurvey,T1,2011-02,5,1\nsurvey,all,2011-01,,")
    assert corrections() == []


def test_taking_the_load_back_takes_the_correction_back(filled: Loader) -> None:
    filled.good("tier_actuals", HEAD + "survey,T1,2011-01,90,10")
    undo_load(load=Load.objects.latest("pk"))
    assert corrections() == []
    assert TierActual.objects.get(tier__code="T1").numerator == Decimal(84)


def test_a_count_of_customers_is_a_whole_number_of_0_or_more(filled: Loader) -> None:
    filled.good("kpis", "code,name,indicator,unit,direction,customer_method,time_method\n"
                "seen,Seen,leading,number,higher,distinct,last")  # fmt: skip
    assert filled.bad("tier_actuals", "kpi,tier,month,numerator\nseen,T1,2011-01,1.5\nseen,T2,2011-01,-1") == [
        (2, "numerator"),
        (3, "numerator"),
    ]
    filled.good("tier_actuals", "kpi,tier,month,numerator\nseen,T1,2011-01,3\nseen,T2,2011-01,0")
