"""A small company with KPIs of every method, and whatever people may do to it after a period was signed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from django.core.exceptions import ValidationError

from accounts.loads import UndoRefused, load_file, undo_load
from accounts.models import Load, User
from core.periods import Month, month_code, months_between
from core.writes import StaleTransition, StaleWrite, TransitionRefused
from customers.models import Customer
from customers.services.customers import move_customer
from kpis.choices import Absent, CompleteWhen, CustomerMethod, TimeMethod, Unit
from kpis.loads.facts_removing import Removal, remove_facts
from kpis.models import CompleteMonth, CustomerMerge, Fact, Kpi, SliceTouch, Step, TierActual
from kpis.services.actuals import ActualsRefused, Entry, enter_actuals, mark_complete, unmark_complete
from kpis.services.definitions import bring_back_kpi, change_meaning, edit_kpi, retire_kpi
from kpis.services.meanings import take_back_meaning
from kpis.services.merging import merge_customers, undo_merge
from kpis.services.signals import set_step, take_back_step
from tests import factories as make

MONTHS = months_between(Month(201104), Month(201109))
LATEST = MONTHS[-3:]
TODAY = date(2026, 11, 30)


class Refused(Exception):
    """A file had a bad row; nothing was loaded."""


_REFUSED = (Refused, ValidationError, StaleWrite, StaleTransition, TransitionRefused, UndoRefused, ActualsRefused)


class Changing:
    """The company, and a person for each thing to do. ``random`` decides what is done."""

    def __init__(self, people: dict[str, User], random: Random, folder: Path) -> None:
        self.steward, self.random, self.folder = people["steward"], random, folder
        self.tiers = [make.tier(code) for code in ("T1", "T2", "T3")]
        self.customers = [make.customer(f"C{n}", tier=self.tiers[n % 3] if n < 5 else None) for n in range(7)]
        self.measured = [self._measured(customer, time) for customer in CustomerMethod for time in TimeMethod]
        self.measured += [
            self._measured(CustomerMethod.SUM, TimeMethod.SUM, "silent", absent=Absent.ZERO),
            self._measured(CustomerMethod.DISTINCT, TimeMethod.POOL, "quiet", absent=Absent.ZERO),
            self._measured(CustomerMethod.SUM, TimeMethod.POOL, "confirmed", complete_when=CompleteWhen.MARKED),
        ]
        self.taking = make.kpi("twelve", facts_of=self.measured[0], customer_method="sum", time_method="ttm")
        self.entered = make.kpi("entered", customer_method="ratio", time_method="mean", source="tier_actuals")
        self.margin = make.kpi("margin", formula="sum_sum / ratio_pool", customer_method="", time_method="")
        make.kpi("deeper", formula="margin - distinct_pool + mean_last", customer_method="", time_method="")

    def _measured(self, customer: CustomerMethod, time: TimeMethod, code: str = "", **fields: Any) -> Kpi:
        percent = {"unit": Unit.PERCENT} if customer == CustomerMethod.RATIO else {}
        return make.kpi(code or f"{customer}_{time}", customer_method=customer, time_method=time, **percent, **fields)

    def begin(self) -> None:
        """Some facts of some months, some in loads that may be taken back, targets and actuals."""
        places = [(kpi, month) for kpi in self.measured for month in MONTHS]
        Fact.objects.bulk_create(
            Fact(
                kpi=kpi,
                customer=customer,
                month=month,
                numerator=self._number(),
                denominator=self._positive(),
                load_id=0,
            )
            for kpi, month in places
            for customer in self.customers
            if self.random.random() < 0.4
        )
        SliceTouch.objects.bulk_create(SliceTouch(kpi=kpi, month=month) for kpi, month in places)
        for month in MONTHS:
            make.tier_actual(self.entered, self.tiers[0], month, self._number(), self._positive())
            make.touch(self.entered, month)
        for kpi in self.random.sample(self.measured, 4):
            make.target(kpi, self.tiers[0], 201107, 10, per="quarter" if kpi.time_method != "ttm" else "year")
        for _ in range(4):
            self.load_facts()
        self.load_actuals()
        self.load_moves()

    # -- what people do

    @property
    def deeds(self) -> list[Callable[[], Any]]:
        """All that may be done."""
        return [
            *(self.load_facts, self.load_facts, self.undo, self.undo, self.remove, self.move, self.load_moves),
            *(self.merge, self.part, self.mark, self.unmark, self.enter, self.load_actuals, self.mean, self.mean_again),
            *(self.retire, self.bring_back, self.edit, self.step, self.no_step, self.load_marks, self.clear),
        ]

    def act(self) -> str:
        """Do one of them; what is refused changes nothing."""
        deed = self.random.choice(self.deeds)
        with suppress(*_REFUSED):
            deed()
        return deed.__name__

    def load_facts(self) -> Load:
        """New ones, and others in place of those that were there."""
        kpi, rows = self._kpi(), {}
        for _ in range(self.random.randint(1, 8)):
            customer, month = self.random.choice(self._customers()), self._month()
            rows[customer.pk, month] = {
                "kpi": kpi.code,
                "customer": customer.external_id,
                "month": month_code(month),
                "numerator": str(self._number()),
                "denominator": str(self._positive()),
            }
        return self._take("facts", list(rows.values()))

    def undo(self) -> None:
        """Take any load back."""
        loads = list(Load.objects.filter(state="applied").order_by("pk"))
        undo_load(load=self.random.choice(loads), by=self.steward)

    def remove(self) -> None:
        """Delete the facts of a month, of one customer or of all."""
        customer = self.random.choice([None, *self._customers()])
        remove_facts(Removal(self._kpi(), self._month(), customer), reason="Twice.", by=self.steward, source="page")

    def move(self) -> None:
        """One customer into another tier, or out of all."""
        day = date(self._month() // 100, self._month() % 100, self.random.choice([1, 15, 28]))
        tier = self.random.choice([None, *self.tiers])
        move_customer(customer=self.random.choice(self._customers()), by=self.steward, tier=tier, day=day)

    def load_moves(self) -> None:
        """Several at once by file."""
        chosen = self.random.sample(self._customers(), 3)
        rows = [
            {"customer": one.external_id, "starts_on": "2011-08-01", "tier": self.random.choice(["T1", "T2", ""])}
            for one in chosen
        ]
        self._take("tier_memberships", rows)

    def merge(self) -> None:
        """Two customers made one; facts of both are the kept one's."""
        kept, gone = self.random.sample(self._customers(), 2)
        choices = {str(kpi.pk): self.random.choice(["kept", "gone"]) for kpi in Kpi.objects.all()}
        merge_customers(kept=kept, gone=gone, by=self.steward, choices=choices, today=TODAY)

    def part(self) -> None:
        """Two again."""
        for merge in CustomerMerge.objects.filter(undone_at=None)[:1]:
            undo_merge(merge=merge, by=self.steward)

    def mark(self) -> None:
        """A month is complete."""
        mark_complete(kpi=self._kpi(), month=self.random.choice(LATEST), by=self.steward)

    def unmark(self) -> None:
        """It is not."""
        for mark in CompleteMonth.objects.order_by("?")[:1]:
            unmark_complete(mark=mark, by=self.steward)

    def load_marks(self) -> None:
        """By file."""
        self._take("complete_months", [{"kpi": self._kpi().code, "month": month_code(self.random.choice(LATEST))}])

    def enter(self) -> None:
        """An actual by hand, new or corrected."""
        self._enter(self._number())

    def clear(self) -> None:
        """An actual taken away."""
        self._enter(None)

    def _enter(self, number: Decimal | None) -> None:
        tier, month = self.random.choice(self.tiers), self._month()
        row = TierActual.objects.filter(kpi=self.entered, tier=tier, month=month).first()
        seen = (row.numerator, row.denominator) if row else (None, None)
        entry = Entry(tier, number, self._positive() if number is not None else None, "Wrong.", seen, number is None)
        enter_actuals(kpi=self.entered, month=month, entries=[entry], by=self.steward)

    def load_actuals(self) -> None:
        """By file."""
        rows = [
            {
                "kpi": "entered",
                "tier": tier,
                "month": month_code(self._month()),
                "numerator": str(self._number()),
                "denominator": str(self._positive()),
            }
            for tier in ("T2", "T3")
        ]
        self._take("tier_actuals", rows)

    def mean(self) -> None:
        """Another meaning from a month on."""
        kpi = self._kpi()
        meaning = {
            "time_method": self.random.choice(list(TimeMethod)),
            "direction": self.random.choice(["higher", "lower"]),
        }
        change_meaning(kpi=kpi, by=self.steward, meaning=meaning, from_month=self._month(), reason="Better so.")

    def mean_again(self) -> None:
        """The one before."""
        for kpi in Kpi.objects.exclude(versions_from=None)[:1]:
            take_back_meaning(kpi=kpi, by=self.steward)

    def retire(self) -> None:
        """From a month on."""
        retire_kpi(kpi=self._kpi(), by=self.steward, from_month=self._month(), reason="Nobody looks.")

    def bring_back(self) -> None:
        """As though it had never been retired."""
        for kpi in Kpi.objects.exclude(retired_from=None)[:1]:
            bring_back_kpi(kpi=kpi, by=self.steward)

    def edit(self) -> None:
        """Another band, and when its months are complete."""
        values = {
            "near_band": Decimal(self.random.randint(1, 40)),
            "complete_when": self.random.choice(["any", "marked"]),
        }
        edit_kpi(kpi=self._kpi(), by=self.steward, values=values)

    def step(self) -> None:
        """Limits taken anew."""
        set_step(kpi=self._kpi(), tier=None, month=self._month(), reason="New counting.", by=self.steward)

    def no_step(self) -> None:
        """Not any more."""
        for step in Step.objects.filter(taken_back_at=None)[:1]:
            take_back_step(step=step, by=self.steward, reason="A slip.")

    # -- chosen

    def _take(self, kind: str, rows: list[dict[str, str]]) -> Load:
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        path = self.folder / f"{kind}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        report = load_file(kind=kind, path=path, by=self.steward)
        if report.load is None:
            raise Refused(report.errors.first(1))
        return Load.objects.get(pk=report.load)

    def _kpi(self) -> Kpi:
        return Kpi.objects.get(pk=self.random.choice(self.measured).pk)

    def _customers(self) -> list[Customer]:
        return list(Customer.objects.order_by("pk"))

    def _month(self) -> Month:
        return self.random.choice([*MONTHS[:2], *LATEST, *LATEST])

    def _number(self) -> Decimal:
        return Decimal(self.random.randint(-20, 100)) / self.random.choice([1, 4, 8])

    def _positive(self) -> Decimal:
        return Decimal(self.random.randint(1, 40)) / self.random.choice([1, 4])
