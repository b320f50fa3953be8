"""Versions of targets from files, and who may approve them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.models import AuditEntry, User
from kpis.choices import TargetState
from kpis.models import Target
from tests.loads.conftest import FILES
from tests.loads.files import Loader

HEAD = "kpi,tier,from_month,per,value,state\n"


def states(month: int = 201201) -> list[tuple[int, str]]:
    return list(Target.objects.filter(from_month=month).order_by("version").values_list("version", "state"))


def test_what_is_new_is_a_draft_whatever_the_file_says(filled: Loader) -> None:
    filled.good("targets", HEAD + "revenue,T1,2012-01,month,5,approved")
    assert states() == [(1, TargetState.DRAFT)]


def test_with_an_approver_rows_count_but_for_those_marked_draft(filled: Loader, fay: User) -> None:
    filled.good(
        "targets",
        HEAD + "revenue,T1,2012-01,month,5,\nrevenue,T2,2012-02,month,5,draft\nclaims,T1,2012-03,month,5,proposed",
        approved_by=fay,
    )
    assert (states(), states(201202), states(201203)) == (
        [(1, TargetState.APPROVED)],
        [(1, TargetState.DRAFT)],
        [(1, TargetState.DRAFT)],
    )
    assert Target.objects.get(from_month=201201).decided_by == fay
    assert AuditEntry.objects.filter(verb="approved", by=fay).count() == 1


def test_a_different_row_becomes_another_version(filled: Loader, fay: User) -> None:
    row = HEAD + "revenue,T1,2012-01,month,{},"
    filled.good("targets", row.format(5), approved_by=fay)
    assert filled.good("targets", row.format(6)).updated == 1
    assert states() == [(1, TargetState.APPROVED), (2, TargetState.DRAFT)]
    assert filled.good("targets", row.format(6)).unchanged == 1
    assert filled.good("targets", row.format(5)).unchanged == 1
    filled.good("targets", row.format(6), approved_by=fay)
    assert states() == [(1, TargetState.SUPERSEDED), (2, TargetState.APPROVED)]
    filled.good("targets", row.format(7), approved_by=fay)
    assert [state for _, state in states()] == [TargetState.SUPERSEDED, TargetState.SUPERSEDED, TargetState.APPROVED]


def test_an_export_has_the_approved_version_else_the_latest(filled: Loader, fay: User) -> None:
    filled.good("targets", HEAD + "revenue,T1,2012-01,month,5,", approved_by=fay)
    filled.good("targets", HEAD + "revenue,T1,2012-01,month,6,\nrevenue,T2,2012-01,month,1,")
    filled.good("targets", HEAD + "revenue,T2,2012-01,month,2,")
    rows = [row for row in filled.exported("targets") if row["from_month"] == "2012-01"]
    assert [(row["value"], row["state"]) for row in rows] == [("5", "approved"), ("2", "draft")]


def test_nobody_approves_what_they_proposed(filled: Loader, fay: User) -> None:
    row = HEAD + "revenue,T1,2012-01,month,5,"
    filled.good("targets", row, by=fay)
    assert filled.bad("targets", row, approved_by=fay) == [(2, "state")]


def test_a_column_that_the_file_lacks_keeps_its_value_in_the_new_version(filled: Loader) -> None:
    filled.good("targets", "kpi,tier,from_month,per,value\nrevenue,T1,2011-01,month,260")
    version = Target.objects.get(kpi__code="revenue", tier__code="T1", per="month", version=2)
    assert (version.until_month, str(version.value)) == (201106, "260.0000")


@pytest.mark.parametrize("change", [{"value": "1"}, {"state": TargetState.DRAFT}, {"until_month": 201212}])
def test_what_was_approved_is_frozen_at_every_door(filled: Loader, root: User, change: dict[str, object]) -> None:
    filled.good("targets", FILES["targets"], approved_by=root)
    approved = Target.objects.filter(state=TargetState.APPROVED, per="month", value__isnull=False)
    with pytest.raises(DatabaseError, match="cannot be changed or deleted"), transaction.atomic():
        approved.update(**change)
    with pytest.raises(DatabaseError, match="cannot be changed or deleted"), transaction.atomic():
        approved.delete()
