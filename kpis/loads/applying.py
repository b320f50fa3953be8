"""From the stage into the fact table, by statements over all rows at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.choices import ChangeKind
from accounts.loads import LoadJob
from accounts.models import LoadChange
from core.periods import Month, month_code
from kpis.loads.lookups import Slice, touch_slices
from kpis.loads.staging import TABLE, execute, on_postgresql, stream
from kpis.models import Fact, Kpi

_CHANGES = "kpis_fact_change"
_CUSTOMER = "JOIN customers_customer c ON c.external_id = s.customer"
_STORED = "LEFT JOIN kpis_fact f ON f.month = s.month AND f.kpi_id = s.kpi_id AND f.customer_id = c.id"


@dataclass(frozen=True, slots=True)
class Staged:
    """What the stage holds: its slices, and whether the file had denominators."""

    slices: set[Slice]
    has_denominators: bool
    needing: tuple[int, ...]

    @property
    def denominator(self) -> str:
        """The new denominator: without a column for it what is stored stays."""
        return "s.denominator" if self.has_denominators else "f.denominator"


def distinct(left: str, right: str) -> str:
    """That two columns differ, where either may be empty."""
    return f"{left} IS DISTINCT FROM {right}" if on_postgresql() else f"{left} IS NOT {right}"


def note_unknown_customers(job: LoadJob) -> None:
    """One join finds every row of a customer that the company does not know."""
    sql = f"SELECT s.line, s.customer FROM {TABLE} s LEFT {_CUSTOMER} WHERE c.id IS NULL ORDER BY s.line"
    for line, customer in stream(sql):
        job.errors.add(line, "customer", customer, "unknown customer")


def note_repeated(job: LoadJob) -> int:
    """Note keys that stand in the file twice with other values; answers how many repeat themselves."""
    keys = "kpi_id, month, customer"
    sql = f"""
        WITH d AS (
            SELECT {keys}, min(line) AS line FROM {TABLE} WHERE numerator IS NOT NULL
            GROUP BY {keys} HAVING count(*) > 1
        )
        SELECT s.line, k.code, s.month, s.customer, d.line,
               s.numerator <> f.numerator OR {distinct("s.denominator", "f.denominator")}
        FROM d
        JOIN {TABLE} f ON f.line = d.line
        JOIN {TABLE} s ON s.kpi_id = d.kpi_id AND s.month = d.month AND s.customer = d.customer AND s.line > d.line
        JOIN kpis_kpi k ON k.id = s.kpi_id
        WHERE s.numerator IS NOT NULL ORDER BY s.line"""
    same = 0
    for line, kpi, month, customer, first, differs in stream(sql):
        same += not differs
        if differs:
            name = f"{kpi} | {customer} | {month_code(Month(month))}"
            job.errors.add(line, "kpi, customer, month", name, f"stands in line {first} with other values")
    return same


def note_missing_denominators(job: LoadJob, staged: Staged) -> None:
    """Without the column a ratio's fact must be there already, with the denominator that it keeps."""
    if staged.has_denominators or not staged.needing:
        return
    ids = ", ".join(str(kpi) for kpi in staged.needing)
    sql = f"""
        SELECT s.line FROM {TABLE} s {_CUSTOMER} {_STORED}
        WHERE s.numerator IS NOT NULL AND s.kpi_id IN ({ids}) AND f.denominator IS NULL ORDER BY s.line"""
    for (line,) in stream(sql):
        job.errors.add(line, "denominator", "", "is missing, and a ratio needs one (0 is allowed)")


def slices_hold_facts(slices: Iterable[Slice]) -> bool:
    """Whether any of these (KPI, month) pairs has facts already."""
    return any(Fact.objects.filter(month=month, kpi_id=kpi).exists() for kpi, month in slices)


def insert_new(load: int) -> int:
    """Insert every staged fact, none of which is there; a repeated one once. Answers their number."""
    return execute(
        f"""
        INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
        SELECT s.month, s.kpi_id, c.id, s.numerator, s.denominator, %s FROM {TABLE} s {_CUSTOMER}
        WHERE s.numerator IS NOT NULL ON CONFLICT DO NOTHING""",
        [load],
    )


def upsert(load: int, staged: Staged, *, repeated: bool) -> None:
    """Write what is new or differs, keep what it replaces, leave the rest alone."""
    execute(f"DROP TABLE IF EXISTS {_CHANGES}")
    execute(f"""
        CREATE TEMPORARY TABLE {_CHANGES} AS
        SELECT {"DISTINCT" if repeated else ""} s.month, s.kpi_id, c.id AS customer_id, s.numerator,
               {staged.denominator} AS denominator, f.numerator AS old_numerator,
               f.denominator AS old_denominator, f.load_id AS old_load_id
        FROM {TABLE} s {_CUSTOMER} {_STORED}
        WHERE s.numerator IS NOT NULL
          AND (f.load_id IS NULL OR f.numerator <> s.numerator
               OR {distinct("f.denominator", staged.denominator)})""")
    execute(
        f"""
        INSERT INTO kpis_replacedfact
            (load_id, month, kpi_id, customer_id, numerator, denominator, replaced_load_id)
        SELECT %s, month, kpi_id, customer_id, old_numerator, old_denominator, old_load_id
        FROM {_CHANGES} WHERE old_load_id IS NOT NULL""",
        [load],
    )
    execute(
        f"""
        INSERT INTO kpis_fact (month, kpi_id, customer_id, numerator, denominator, load_id)
        SELECT month, kpi_id, customer_id, numerator, denominator, %s FROM {_CHANGES} WHERE true
        ON CONFLICT (month, kpi_id, customer_id) DO UPDATE SET
            numerator = excluded.numerator, denominator = excluded.denominator, load_id = excluded.load_id""",
        [load],
    )


def record_slices(job: LoadJob, *, upserted: bool) -> None:
    """Count, record and mark each (KPI, month) that changed."""
    table, old = (_CHANGES, "old_load_id") if upserted else (TABLE, "NULL")
    customer = "customer_id" if upserted else "customer"
    sql = f"""
        SELECT kpi_id, month, count(DISTINCT {customer}) - count({old}), count({old})
        FROM {table} WHERE numerator IS NOT NULL GROUP BY kpi_id, month ORDER BY kpi_id, month"""
    rows = list(stream(sql))
    codes = dict(Kpi.objects.values_list("pk", "code"))
    LoadChange.objects.bulk_create([_slice_change(job, codes[row[0]], *row[1:]) for row in rows], batch_size=1_000)
    touch_slices((kpi, Month(month)) for kpi, month, _, _ in rows)
    job.counts.created = sum(row[2] for row in rows)
    job.counts.updated = sum(row[3] for row in rows)


def _slice_change(job: LoadJob, kpi: str, month: int, created: int, updated: int) -> LoadChange:
    return LoadChange(
        load=job.load,
        kind="facts",
        key=f"{kpi} | {month_code(Month(month))}",
        change=ChangeKind.UPDATED if updated else ChangeKind.CREATED,
        after={"kpi": kpi, "month": month_code(Month(month)), "created": created, "updated": updated},
    )
