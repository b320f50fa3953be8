"""From the stage into the fact table, by statements over all rows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.choices import ChangeKind
from accounts.loads import LoadJob
from accounts.models import LoadChange
from core.keys import LookAlikes, unknown_words
from core.loading import RowError
from core.loading.columns import far_off
from core.periods import Month, first_day, month_code, month_of, shift
from customers.models import Customer
from customers.rules.customers import MERGED, taken_over_by
from kpis.loads import facts_sql
from kpis.loads.staging import execute, on_postgresql, stream
from kpis.models import Fact, Kpi
from kpis.reading.thin_months import BEFORE, thin_months
from kpis.rules.facts import NO_BASE
from kpis.services.sources import settle_sources
from kpis.services.touches import Slice, touch_slices

_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Staged:
    """What the stage holds: its slices, whether the file had denominators, the KPIs that need them."""

    slices: frozenset[Slice]
    has_denominators: bool
    needing: tuple[int, ...]

    @property
    def months(self) -> str:
        """The months of the slices, as SQL lists them."""
        return ", ".join(str(int(month)) for month in sorted({month for _, month in self.slices})) or "0"


def _differs() -> str:
    """The operator that two columns differ, where either may be empty."""
    return "IS DISTINCT FROM" if on_postgresql() else "IS NOT"


def _place() -> str:
    """How the database addresses a row of a table while nobody else writes to it."""
    return "ctid" if on_postgresql() else "rowid"


def note_unknown_customers(job: LoadJob) -> None:
    """One join finds every row of a customer that the company does not know."""
    alike = LookAlikes(lambda: Customer.objects.values_list("external_id", flat=True).iterator())
    merged: dict[str, str] | None = None
    for line, customer in stream(facts_sql.UNKNOWN_CUSTOMERS):
        merged = taken_over_by() if merged is None else merged
        words = MERGED.format(merged[customer]) if customer in merged else ""
        job.errors.add(line, "customer", customer, words or unknown_words("customer", alike.of(customer)))


def note_repeated(job: LoadJob) -> bool:
    """Note keys that stand in the file twice with other values; answers whether any stands there twice."""
    repeated = False
    for line, kpi, month, customer, first, differs in stream(facts_sql.REPEATED.format(differs=_differs())):
        repeated = True
        if differs:
            name = f"{kpi} | {customer} | {month_code(Month(month))}"
            job.errors.add(line, "kpi, customer, month", name, f"stands in {job.table.place(first)} with other values")
    return repeated


def note_missing_denominators(job: LoadJob, staged: Staged) -> None:
    """Without the column a ratio's fact must be there already, with the denominator that it keeps."""
    if staged.has_denominators or not staged.needing:
        return
    kpis = ", ".join(map(str, staged.needing))
    lacking = NO_BASE.sql.format(numerator="s.numerator", denominator="f.denominator")
    for (line,) in stream(facts_sql.MISSING_DENOMINATORS.format(kpis=kpis, months=staged.months, lacking=lacking)):
        job.errors.add(line, NO_BASE.field, "", NO_BASE.words)


def warn_of_far_months(job: LoadJob, staged: Staged) -> None:
    """Note months that lie far from today, each at the first row that has a fact of it."""
    months = {month for _, month in staged.slices}
    far = {int(month): reason for month in months if (reason := far_off(first_day(month), job.today))}
    if far:
        for month, line in stream(facts_sql.FIRST_LINES.format(months=", ".join(map(str, far)))):
            job.report.warnings.append(RowError(line, "month", month_code(Month(month)), far[month]))


def warn_of_thin_months(job: LoadJob, staged: Staged) -> None:
    """Note months of the file that look incomplete now that its facts are in, each at its first row."""
    months = {month for _, month in staged.slices if month < month_of(job.today)}
    if not months:
        return
    owners = {kpi for kpi, _ in staged.slices}
    kpis = {kpi.pk: kpi for kpi in Kpi.objects.filter(Q(pk__in=owners) | Q(facts_of__in=owners))}
    found = thin_months(kpis.values(), months, job.today, _counted(owners, months))
    thin = {(kpis[pk].source_id, month): one for pk, by_month in found.items() for month, one in by_month.items()}
    lines = {(kpi, month): line for kpi, month, line in stream(facts_sql.FIRST_LINES_OF_SLICES)} if thin else {}
    for key in sorted(thin.keys() & lines.keys(), key=lines.__getitem__):
        name = f"{kpis[key[0]].code} | {month_code(key[1])}"
        job.report.warnings.append(RowError(lines[key], "kpi, month", name, thin[key].words))


def _counted(kpis: Iterable[int], months: Iterable[Month]) -> dict[int, dict[Month, int]]:
    """How many facts there are now of these KPIs in these months and in those that say what is usual."""
    before = {shift(month, -back) for month in months for back in range(BEFORE + 1)}
    query = facts_sql.COUNTED.format(months=", ".join(map(str, map(int, before))), kpis=", ".join(map(str, kpis)))
    counts: dict[int, dict[Month, int]] = defaultdict(dict)
    for kpi, month, number in stream(query):
        counts[kpi][Month(month)] = number
    return counts


def slices_hold_facts(slices: Iterable[Slice]) -> bool:
    """Whether any of these (KPI, month) pairs has facts already."""
    return any(Fact.objects.filter(month=month, kpi_id=kpi).exists() for kpi, month in slices)


def insert_new(load: int) -> int:
    """Insert every staged fact, none of which is there; a repeated one once. Answers their number."""
    return _insert(facts_sql.INSERT_NEW, load)


def find_changes(staged: Staged) -> tuple[int, int]:
    """Gather what is new or differs; answers the number of such rows, and of rows of unknown customers."""
    if on_postgresql():
        execute(facts_sql.IN_MEMORY)
    execute(facts_sql.DROP_CHANGES)
    execute(
        facts_sql.CREATE_CHANGES.format(
            denominator="s.denominator" if staged.has_denominators else "f.denominator",
            differs=_differs(),
            months=staged.months,
            place=_place(),
        )
    )
    [(changed, unknown)] = stream(facts_sql.COUNT_CHANGES)
    return changed, unknown


def write_changes(load: int) -> int:
    """Write what is new or differs and keep what it replaces; a repeated fact once. Answers the number of facts."""
    kept = _insert(facts_sql.KEEP_REPLACED, load)
    if on_postgresql():
        execute(facts_sql.BY_PLACE)
    execute(facts_sql.CHANGE_OLD.format(place=_place()), [load])
    return kept + _insert(facts_sql.ADD_NEW, load)


def _insert(statement: str, load: int) -> int:
    """Insert facts of a load, each once; answers their number. Most files hold none twice."""
    try:
        with transaction.atomic():
            return execute(statement, [load])
    except IntegrityError:
        return execute(statement + facts_sql.ONCE, [load])


def record_inserted(job: LoadJob, *, repeated: bool) -> None:
    """Count, record and mark each (KPI, month) of the stage, whose every fact is new."""
    _record(job, list(stream(facts_sql.INSERTED_SLICES.format(distinct="DISTINCT" if repeated else ""))))


def record_changes(job: LoadJob, *, repeated: bool) -> None:
    """Count, record and mark each (KPI, month) that changed."""
    _record(job, list(stream(facts_sql.UPSERTED_SLICES.format(distinct="DISTINCT" if repeated else ""))))


def _record(job: LoadJob, rows: list[tuple[int, int, int, int]]) -> None:
    codes = dict(Kpi.objects.values_list("pk", "code"))
    LoadChange.objects.bulk_create([_slice_change(job, codes[row[0]], *row[1:]) for row in rows], batch_size=1_000)
    touch_slices((kpi, Month(month)) for kpi, month, _, _ in rows)
    settle_sources(kpi for kpi, *_ in rows)
    job.counts.created = sum(row[2] for row in rows)
    job.counts.updated = sum(row[3] for row in rows)
    if on_postgresql() and job.counts.created > _MANY:
        # the next load and the rollup plan by what is known of the table, and both come at once
        execute(facts_sql.ANALYZE_FACTS)


def _slice_change(job: LoadJob, kpi: str, month: int, created: int, updated: int) -> LoadChange:
    code = month_code(Month(month))
    return LoadChange(
        load=job.load,
        kind="facts",
        key=f"{kpi} | {code}",
        change=ChangeKind.UPDATED if updated else ChangeKind.CREATED,
        after={"kpi": kpi, "month": code, "created": created, "updated": updated},
    )
