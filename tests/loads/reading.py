"""Reading small files over a small company, for tests of what a file means."""

from __future__ import annotations

from pathlib import Path

from accounts.loads import load_file
from core.loading import LoadReport, Reading
from tests.loads.files import Loader

FACTS = ("kpi", "customer", "month", "numerator")
CUSTOMERS = ("external_id", "name")


def small_company(load: Loader) -> Loader:
    """A small company: what the inputs that failed were loaded over."""
    load.good("departments", "code,name\nsales,Sales")
    load.good("tiers", "code,name,rank\nT1,Gold,1\nT2,Silver,2")
    load.good("customers", "external_id,name\nC1,One\nC2,Two\nC3,Three")
    moves = "customer,starts_on,tier\nC1,2025-01-01,T1\nC2,2025-01-01,T1\nC3,2025-01-01,T2"
    load.good("tier_memberships", moves)
    load.good(
        "kpis",
        """code,name,indicator,unit,direction,customer_method,time_method,near_band_abs
        revenue,Revenue,trailing,currency,higher,sum,sum,
        renewal,Renewal,trailing,percent,higher,ratio,pool,2
        csat,CSAT,leading,score,higher,mean,pool,
        satisfied,Satisfied,leading,percent,higher,mean,pool,2
        complaints,Complaints,leading,number,lower,sum,sum,
        share,Share,trailing,percent,higher,ratio,pool,2""",
    )
    return load


def loaded(kind: str, path: Path, **reading: str) -> LoadReport:
    return load_file(kind=kind, path=path, reading=Reading(**reading))


def wrong(report: LoadReport) -> list[tuple[int, str, str]]:
    """Line, column and reason of each bad cell."""
    return [(error.line, error.column, error.reason) for error in report.errors]


def bytes_of(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
