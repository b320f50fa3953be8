"""Fifteen kinds of later change, each by the door that people take: the edition stays byte for byte, digest included,
and what differs from it is told right after each, with its causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from accounts.choices import Role
from accounts.loads import undo_load
from accounts.models import Load, User
from accounts.services.company import change_company
from accounts.services.erasing import erase_person
from accounts.services.people import deactivate
from core.decisions import Decision
from core.periods import FiscalCalendar, Month, Period
from customers.models import Customer, Tier
from customers.services.customers import TierRows, move_customer
from initiatives.models import Initiative
from kpis.choices import CutBy, Per
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import Kpi
from kpis.rollup.runs import roll_up_now
from kpis.rules.retiering import Terms
from kpis.services.decisions import decide
from kpis.services.definitions import change_meaning, edit_kpi, retire_kpi
from kpis.services.merging import merge_customers
from kpis.services.retiering import apply_retiering, preview_retiering
from kpis.services.targets import NewTarget, propose, save_drafts
from scorecard.models import Edition, EditionName
from scorecard.reading.editions import verify
from scorecard.services.editions import close_by_command
from tests import factories as make
from tests.loads.files import Loader
from tests.scorecard.test_bridges_of_all import adds_up

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)
HEADER = "kpi,customer,month,numerator\n"
DAYS = "code,title,level,department,baseline_start,baseline_due,stage,owner\n"


class Signed:
    """A quarter that is signed, and what people do afterwards."""

    def __init__(self, loader: Loader, people: dict[str, User]) -> None:
        self.loader, self.people = loader, people
        self.steward, self.finance, self.administrator = (
            people[role] for role in ("steward", "finance", "administrator")
        )
        self.leaver = make.person("Lea", Role.OWNER)
        gold, silver = make.tier("T1", name="Gold"), make.tier("T2", name="Silver")
        for number, tier in enumerate((gold, gold, gold, silver, silver)):
            make.customer(f"C{number}", tier=tier)
        make.kpi("revenue", name="Revenue", owner=self.leaver)
        make.department("service")
        rows = [f"revenue,C{number},2011-0{month},{10 * (5 - number)}" for number in range(5) for month in (7, 8, 9)]
        loader.good("facts", HEADER + "\n".join(rows[:-1]))  # C4’s of September is late
        self.early = loader.good("facts", HEADER + "revenue,C1,2011-07,41")
        self.plans = loader.good(
            "initiatives",
            DAYS + f"lights,Lights,corporate,service,2011-01-01,2011-12-01,in_progress,{self.leaver.email}",
        )
        make.target(self.kpi, gold, 201107, 300, per="quarter", created_by=self.steward)
        roll_up_now()

    @property
    def kpi(self) -> Kpi:
        return Kpi.objects.get(code="revenue")

    def customer(self, number: int) -> Customer:
        return Customer.objects.get(external_id=f"C{number}")

    def tier(self, code: str) -> Tier:
        return Tier.objects.get(code=code)

    # -- fifteen kinds of later change

    def late_facts(self) -> None:
        self.loader.good("facts", HEADER + "revenue,C4,2011-10,5\nrevenue,C4,2011-09,25", by=self.steward)

    def undo(self) -> None:
        undo_load(load=self.early, by=self.steward)

    def deletion(self) -> None:
        gone = Removal(self.kpi, Month(201108), self.customer(3))
        assert remove_facts(gone, reason="Not theirs.", by=self.steward, source="page")

    def correction(self) -> None:
        self.loader.good("facts", HEADER + "revenue,C0,2011-08,55", by=self.steward)

    def tier_move(self) -> None:
        move_customer(customer=self.customer(2), by=self.steward, tier=self.tier("T2"), day=date(2011, 9, 1))

    def re_tiering(self) -> None:
        terms = Terms(self.kpi, Month(201109), 3, CutBy.NUMBER, (Fraction(1),), date(2011, 9, 10))
        apply_retiering(terms=terms, by=self.steward, seen=preview_retiering(terms=terms).mark)

    def customers_merged(self) -> None:
        choices = {str(self.kpi.pk): "sum"}
        merge_customers(kept=self.customer(1), gone=self.customer(3), by=self.steward, choices=choices, today=TODAY)

    def kpi_renamed(self) -> None:
        edit_kpi(kpi=self.kpi, by=self.steward, values={"name": "Turnover"})

    def new_version(self) -> None:
        change_meaning(
            kpi=self.kpi,
            by=self.steward,
            meaning={"time_method": "last"},
            from_month=Month(201107),
            reason="At the end.",
        )

    def target_superseded(self) -> None:
        cell = NewTarget(self.kpi, self.tier("T1"), Month(201107), Per.QUARTER, value=Decimal(1))
        drafts = save_drafts(cells=[cell], by=self.steward)
        propose(targets=[draft.pk for draft in drafts], by=self.steward)
        decide(decisions=[Decision(drafts[0].pk, True, "")], by=self.finance)

    def tier_renamed(self) -> None:
        TierRows().change(row=self.tier("T1"), by=self.steward, values={"name": "Platinum"})

    def initiative_deleted(self) -> None:
        undo_load(load=self.plans, by=self.steward)
        assert not Initiative.objects.exists()

    def person_erased(self) -> None:
        deactivate(person=self.leaver, receiver=self.people["owner"], by=self.administrator)
        self.leaver.refresh_from_db()
        erase_person(person=self.leaver, by=self.administrator)

    def settings_changed(self) -> None:
        values = {"name": "Other", "currency": "JPY", "time_zone": "Asia/Tokyo"}
        change_company(by=self.administrator, values=values)

    def kpi_retired(self) -> None:
        retire_kpi(kpi=self.kpi, by=self.steward, from_month=Month(201108), reason="Nobody looks at it.")

    @property
    def changes(self) -> Iterator[tuple[Callable[[], None], dict[str, str]]]:
        """Each with the causes that it adds, by tier; nothing where no cell is another by it. A new version withdraws
        the target of the old one.
        """
        yield self.late_facts, {"T2": "load", "all": "load"}
        yield self.undo, {"T1": "undo", "all": "undo"}
        yield self.deletion, {"T2": "deletion", "all": "deletion"}
        yield self.correction, {"T1": "correction", "all": "correction"}
        yield self.tier_move, {"T1": "tier move", "T2": "tier move"}
        yield self.re_tiering, {"T1": "tier move", "T2": "tier move"}
        yield self.customers_merged, dict.fromkeys(("T1", "T2", "all"), "customers merged")
        yield self.target_superseded, {"T1": "target"}
        yield self.kpi_renamed, {}
        yield self.tier_renamed, {}
        yield self.initiative_deleted, {}
        yield self.person_erased, {}
        yield self.settings_changed, {}
        yield self.new_version, {"T1": "target, KPI version", "T2": "KPI version", "all": "KPI version"}
        yield self.kpi_retired, dict.fromkeys(("T1", "T2", "all"), "KPI retired")


def test_an_edition_stays_as_it_was_signed_after_fifteen_kinds_of_change_and_says_what_differs(
    tmp_path: Path, everyone: dict[str, User]
) -> None:
    world = Signed(Loader(tmp_path), everyone)
    edition = close_by_command(
        period=Period.parse("2011-Q3", FiscalCalendar()),
        prepared_by=everyone["finance"],
        signed_by=everyone["executive"],
        anyway="It is small.",
    )
    browser, address = make.signed_in(everyone["executive"]), "/api/v1/scorecards/2011-Q3/editions/1/"
    matrix = "/api/v1/matrix/?period=2011-Q3&edition=1"
    signed, rows = browser.get(address), browser.get(matrix).json()["rows"]
    assert signed["ETag"] == f'"{edition.digest}"'
    told: dict[str, list[str]] = {}
    for change, added in world.changes:
        change()
        roll_up_now()
        after = browser.get(address)
        assert (after.content, after["ETag"]) == (signed.content, signed["ETag"]), change
        assert browser.get(matrix).json()["rows"] == rows, change
        assert not list(verify(Edition.objects.all())), change
        cells = {cell["tier"]: cell for cell in browser.get(f"{address}differences/").json()["cells"]}
        assert all(adds_up(cell) for cell in cells.values()), change
        now = {tier: [row["cause"] for row in cell["bridge"]] for tier, cell in cells.items()}
        for tier, cause in added.items():
            told.setdefault(tier, []).extend(cause.split(", "))
        assert now == told, change
    assert Load.objects.filter(undone_at=None).exists()
    assert EditionName.objects.get(kind="person", key=world.leaver.pk).name == f"Erased person {world.leaver.pk}"
