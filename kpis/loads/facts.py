"""Facts as a file: staged, checked by joins, and written only where they are new or differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from django.db.models import Q

from accounts.loads import LoadJob, LoadRefused, UndoRefused
from accounts.loads.undoing import named
from accounts.models import Load, User
from accounts.rights import Right
from core.loading import Column, Record
from core.loading.columns import MONTH, NUMBER, Percent, code_in, key_in
from core.periods import Month, month_code, stored_month
from customers.loads import CUSTOMER
from customers.models import Customer
from kpis.loads import facts_applying, facts_sql, staging
from kpis.loads.fact_rules import kpi_rules
from kpis.loads.facts_absent import with_stored_denominators
from kpis.loads.facts_applying import Staged
from kpis.loads.facts_reading import FactReader, KpiRule
from kpis.loads.facts_removing import put_back
from kpis.loads.lookups import KPI
from kpis.models import CustomerMerge, Fact, Kpi, MergedFact, ReplacedFact
from kpis.services.sources import settle_sources
from kpis.services.touches import touch_slices

# The rules by which a file was read, and what of it is in the stage.
_Kept = tuple[dict[str, KpiRule], Staged]


class Facts:
    """What was measured per customer and month. The one kind that may have millions of rows."""

    name = "facts"
    title = "Facts"
    touches_cells = True
    takes_approval = False
    bulk_rights = (Right.LOAD,)
    load_right = Right.LOAD
    columns: Sequence[Column] = (
        Column("kpi", code_in(Kpi), key=True, reference=KPI),
        Column("customer", key_in(Customer, "external_id"), key=True, reference=CUSTOMER),
        Column("month", MONTH, key=True),
        Column("numerator", NUMBER, blank=True, percent=Percent.BY_ROW),
        Column("denominator", NUMBER, optional=True),
    )

    @contextmanager
    def staged(self, job: LoadJob) -> Iterator[None]:
        """Copy the file into the stage before the transaction, so that nobody waits for the reading."""
        rules = kpi_rules()
        job.table = with_stored_denominators(job.table)
        reader = FactReader(job, rules, staging.null_text(), staging.escaping())
        try:
            staging.fill(reader.batches())
            needing = tuple(rule.pk for rule in rules.values() if rule.needs_denominator)
            job.kept = (rules, Staged(frozenset(reader.slices), reader.has_denominators, needing))
            yield
        finally:
            staging.drop()

    def load(self, job: LoadJob) -> None:
        """Check the stage by joins; write it where no row is bad."""
        if job.by and not job.by.has_perm(Right.LOAD):
            raise LoadRefused("Loading facts is not yours to do; nothing was loaded")
        rules, staged = cast("_Kept", job.kept)
        if rules != kpi_rules():
            raise LoadRefused("The KPIs were changed while the file was read; load it again")
        facts_applying.warn_of_far_months(job, staged)
        facts_applying.note_missing_denominators(job, staged)
        if not job.errors and not facts_applying.slices_hold_facts(staged.slices):
            self._insert(job)
        else:
            self._upsert(job, staged)
        if not job.errors:
            facts_applying.warn_of_thin_months(job, staged)
        job.counts.unchanged = 0 if job.errors else job.counts.read - job.counts.blank - job.counts.changed

    def _insert(self, job: LoadJob) -> None:
        """No fact is there yet. Where every row goes in, its customer is known and no key is repeated."""
        rows = job.counts.read - job.counts.blank
        inserted = facts_applying.insert_new(job.load.pk)
        repeated = inserted < rows and facts_applying.note_repeated(job)
        if inserted < rows or job.counts.blank:
            facts_applying.note_unknown_customers(job)
        if not job.errors:
            facts_applying.record_inserted(job, repeated=repeated)

    def _upsert(self, job: LoadJob, staged: Staged) -> None:
        """Some facts are there. One that stands in the file twice, with other values, differs at least once from
        what is stored; so nobody has to look where nothing differs, and where all does its number tells.
        """
        changed, unknown = facts_applying.find_changes(staged)
        if unknown:
            facts_applying.note_unknown_customers(job)
        some = changed not in {0, job.counts.read - job.counts.blank}
        repeated = (some or bool(job.errors)) and facts_applying.note_repeated(job)
        if not job.errors and facts_applying.write_changes(job.load.pk) < changed and not repeated:
            repeated = facts_applying.note_repeated(job)
        if not job.errors:
            facts_applying.record_changes(job, repeated=repeated)

    def undo(self, load: Load, by: User | None) -> None:
        """Delete what the load created and put back what it replaced, slice by slice."""
        if by and not by.has_perm(Right.LOAD):
            raise UndoRefused(f"Load {load.pk} is not yours to take back. Nothing was changed")
        _refuse_replaced_later(load)
        _refuse_merged(load)
        if load.removed:
            put_back(load)
            return
        mine = (
            Fact.objects.filter(load_id=load.pk).order_by("month", "kpi_id").values_list("kpi_id", "month").distinct()
        )
        slices = [(kpi, Month(month)) for kpi, month in mine]
        for kpi, month in slices:
            _undo_slice(load.pk, kpi, month)
        settle_sources(kpi for kpi, _ in slices)
        touch_slices(slices)

    def told_apart(self, load: Load) -> Iterator[str]:
        """Of each KPI and month how many facts the load writes and replaces, and what these come to."""
        months = {change.after["month"] for change in load.changes.all() if change.after}
        listed = ", ".join(str(int(stored_month(month))) for month in sorted(months)) or "0"
        return (str(row) for row in staging.stream(facts_sql.TOLD_APART.format(months=listed), [load.pk, load.pk]))

    def export(self) -> Iterator[Record]:
        """All facts by month, streamed in the order of their key."""
        rows = Fact.objects.order_by("month", "kpi_id", "customer_id").values_list(
            "kpi__code", "customer__external_id", "month", "numerator", "denominator"
        )
        for kpi, customer, month, numerator, denominator in rows.iterator(chunk_size=5_000):
            yield {
                "kpi": kpi,
                "customer": customer,
                "month": month_code(Month(month)),
                "numerator": self.columns[3].text(numerator),
                "denominator": self.columns[4].text(denominator),
            }


def _refuse_replaced_later(load: Load) -> None:
    later = ReplacedFact.objects.filter(load_id__gt=load.pk, replaced_load_id=load.pk)
    first = later.order_by("load_id").first()
    if first is None:
        return
    rows = later.filter(load_id=first.load_id).order_by("kpi_id", "month", "customer_id")
    names = list(_fact_names(list(rows[:6])))
    more = rows.count() - len(names)
    raise UndoRefused(
        f"Load {load.pk} cannot be taken back: load {first.load_id} replaced {named(names + [''] * more)} later. "
        f"Take load {first.load_id} back first; nothing was changed"
    )


def _refuse_merged(load: Load) -> None:
    """Facts of it that a merge of customers moved are not where it left them."""
    moved = MergedFact.objects.filter(Q(gone_load_id=load.pk) | Q(kept_load_id=load.pk)).values("merge_id")
    merge = CustomerMerge.objects.filter(pk__in=moved, undone_at=None).select_related("kept", "gone").first()
    if merge is not None:
        raise UndoRefused(
            f"Load {load.pk} cannot be taken back: {merge.gone.external_id} was merged into {merge.kept.external_id} "
            "later, with facts of the load. Take that back first; nothing was changed"
        )


def _fact_names(rows: list[ReplacedFact]) -> Iterator[str]:
    kpis = Kpi.objects.in_bulk({row.kpi_id for row in rows})
    customers = Customer.everyone.in_bulk({row.customer_id for row in rows})
    for row in rows:
        month = month_code(Month(row.month))
        yield f"{kpis[row.kpi_id].code} | {customers[row.customer_id].external_id} | {month}"


def _undo_slice(load: int, kpi: int, month: Month) -> None:
    """Within one (KPI, month): what the load replaced returns, what it created goes; what it had said is kept."""
    staging.execute(facts_sql.KEEP_TAKEN_BACK, [month, kpi, load])
    staging.execute(facts_sql.DELETE_CREATED, [month, kpi, load, load])
    staging.execute(facts_sql.RETURN_REPLACED, [month, kpi, load, load])
    ReplacedFact.objects.filter(load_id=load, kpi_id=kpi, month=month).delete()
