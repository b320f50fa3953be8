"""Tiers, customers, their moves and their lives as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.loads import Change, LoadJob, RowKind, UndoRefused
from accounts.loads.people import OWNER
from accounts.loads.taking import Key
from accounts.loads.undoing import later_load_stands_in_the_way
from accounts.models import BusinessUnit, Load, User
from accounts.rights import Right
from core.loading import Column, Record, Reference, RowError
from core.loading.columns import BOOLEAN, DAY, EMAIL, MONTH, choice_type, code_in, key_in, text_in, whole_type
from core.loading.rows import Row
from core.periods import Month, stored_month
from core.registry import effects_of_moves
from customers.choices import LAST_RANK, LifecycleKind
from customers.models import Customer, LifecycleEvent, Tier, TierMembership
from customers.reading.moves import ABSENT, moves_since
from customers.reading.tiers import concern_in_words, read_concern
from customers.rules.customers import customer_problems, merged_words, taken_over_by
from customers.rules.lifecycle import illegal_events
from customers.rules.tier import membership_problems, tier_ends, tier_problems
from customers.services.memberships import move_back
from customers.services.touches import FIRST_MONTH, touch_months, touch_moves

CUSTOMER = Reference(Customer, "external_id", "customer", why=merged_words)
TIER = Reference(Tier, "code", "tier")


class Tiers(RowKind[None]):
    """The company's tiers; a file renames, ranks and retires them."""

    name = "tiers"
    title = "Tiers"
    model = Tier
    row_right = Right.MANAGE_KPIS
    touches_cells = True
    columns = (
        Column("code", code_in(Tier), key=True),
        Column("name", text_in(Tier, "name")),
        Column("rank", whole_type(0, LAST_RANK)),
        Column("retired_from", MONTH, optional=True, null=True),
    )

    def rows(self) -> QuerySet[Any]:
        """The company's own tiers, without the computed columns."""
        return Tier.objects.real().order_by("rank", "code")

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """Refuse the codes of the computed columns, in any case; say whom and what it concerns that one is retired."""
        job.refuse_all(row, tier_problems(row.key[0]))
        month = row.record.get("retired_from", "")
        if before and month and month != before["retired_from"]:
            tier = Tier.objects.get(code=row.key[0])
            job.warn(row, "retired_from", concern_in_words(read_concern(tier, stored_month(month))))

    def touch(self, changes: list[Change]) -> None:
        """A new tier is a new column of every month."""
        if any(change.before is None or change.after is None for change in changes):
            touch_months([(FIRST_MONTH, None)])


class Customers(RowKind[dict[str, str]]):
    """The customers of the company."""

    name = "customers"
    title = "Customers"
    model = Customer
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("external_id", key_in(Customer, "external_id"), key=True),
        Column("name", text_in(Customer, "name")),
        Column(
            "business_unit",
            code_in(BusinessUnit),
            optional=True,
            null=True,
            reference=Reference(BusinessUnit, "code", "business unit"),
        ),
        Column("region", text_in(Customer, "region"), optional=True),
        Column("is_key_account", BOOLEAN, optional=True, default="false"),
        Column("account_manager", EMAIL, optional=True, null=True, reference=OWNER),
    )

    def prepare(self, job: LoadJob, rows: list[Row]) -> dict[str, str]:
        """Those of the batch that other customers took over."""
        return taken_over_by(row.key[0] for row in rows)

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """An id that another customer took over stays its own."""
        job.refuse_all(row, customer_problems(row.key[0], self.held(job)))


@dataclass(slots=True)
class _Moves:
    """The moves of a load so far, and from when on the retired tiers are so."""

    changes: list[Change] = field(default_factory=list)
    tier_ends: dict[str, Month] = field(default_factory=tier_ends)


class TierMemberships(RowKind[_Moves]):
    """From when on a customer belongs to which tier."""

    name = "tier_memberships"
    title = "Tier memberships"
    model = TierMembership
    row_right = Right.MANAGE_KPIS
    touches_cells = True
    columns = (
        Column("customer", key_in(Customer, "external_id"), key=True, reference=CUSTOMER),
        Column("starts_on", DAY, key=True),
        Column("tier", code_in(Tier), blank=True, null=True, reference=TIER),
    )

    def prepare(self, job: LoadJob, rows: list[Row]) -> _Moves:
        """What the batches before have moved."""
        return self.held(job) or _Moves()

    def check(self, job: LoadJob, row: Row, before: Record | None) -> None:
        """A computed column is nobody's tier, and nobody moves into one that is retired; what is stored may stay."""
        ends = None if before == row.record else self.held(job).tier_ends.get(row.record["tier"])
        starts_on = date.fromisoformat(row.key[1])
        job.refuse_all(row, membership_problems(row.record["tier"], starts_on, ends))

    def undo(self, load: Load, by: User | None) -> None:
        """By the database, for a re-tiering moves half of the company."""
        if by is not None and not by.has_perm(self.row_right):
            super().undo(load, by)
            return
        later_load_stands_in_the_way(load)
        move_back(load=load)

    def touch(self, changes: list[Change]) -> None:
        """Mark the months that the moved memberships stand for."""
        ids = dict(
            Customer.objects.filter(external_id__in={change.key[0] for change in changes}).values_list(
                "external_id", "pk"
            )
        )
        touch_moves((ids[change.key[0]], date.fromisoformat(change.key[1])) for change in changes)

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """What the rows said before is kept until the end, to tell what they move."""
        super().write(changes, stored, job)
        if job is not None:
            self.held(job).changes.extend(changes)

    def finish(self, job: LoadJob) -> None:
        """Say how many periods that have ended get other numbers."""
        moved = self.held(job).changes if self.held(job) else []
        if not moved or job.errors:
            return
        customers = dict(Customer.objects.values_list("external_id", "pk"))
        tiers = dict(Tier.objects.values_list("code", "pk"))
        before = {
            (customers[change.key[0]], date.fromisoformat(change.key[1])): tiers.get(change.before["tier"] or "")
            if change.before
            else ABSENT
            for change in moved
        }
        for words in effects_of_moves(moves_since(before), job.today):
            job.report.warnings.append(RowError(moved[0].line, "starts_on", "", words))


class LifecycleEvents(RowKind[None]):
    """When customers joined, left and returned."""

    name = "lifecycle_events"
    title = "Lifecycle events"
    model = LifecycleEvent
    row_right = Right.MANAGE_KPIS
    columns = (
        Column("customer", key_in(Customer, "external_id"), key=True, reference=CUSTOMER),
        Column("on", DAY, key=True),
        Column("kind", choice_type(LifecycleKind)),
    )

    def write(self, changes: list[Change], stored: dict[Key, Any], job: LoadJob | None) -> None:
        """An event that somebody says otherwise is not derived any more."""
        super().write(changes, stored, job)
        said = [stored[change.key].pk for change in changes if change.before and change.after]
        LifecycleEvent.objects.filter(pk__in=said).update(derived_from="", derived_months=None)

    def finish(self, job: LoadJob) -> None:
        """Legal by date: joined, then left and returned in turn, over stored and new events together."""
        lines: dict[str, int] = {}
        for (customer, _), (line, _) in job.seen.items():
            lines[customer] = max(line, lines.get(customer, 0))
        found = [
            (job.seen.get((customer, day.isoformat()), (lines[customer], 0))[0], kind, f"{customer}, {day}: {reason}")
            for customer, day, kind, reason in illegal_events(lines)
        ]
        for line, kind, reason in sorted(found):
            job.errors.add(line, "kind", kind, reason)

    def after_undo(self, changes: list[Change]) -> None:
        """What is left has to be legal too."""
        for customer, day, _, reason in illegal_events({change.key[0] for change in changes}):
            raise UndoRefused(
                f"It cannot be taken back: of {customer} the event of {day} would be left, and {reason}. "
                "Nothing was changed"
            )
