"""The small company that the files of ``cases`` were loaded over, and the ways in which a file comes in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.loads import load_file
from core.loading import LoadReport, Reading

DATA = Path(os.environ.get("SHARED_DATA", "")).absolute() / "cases"

OVER = {
    "departments": "code,name\nsales,Sales",
    "tiers": "code,name,rank\nT1,Gold,1\nT2,Silver,2",
    "customers": "external_id,name\nC1,One\nC2,Two\nC3,Three",
    "tier_memberships": "customer,starts_on,tier\nC1,2025-01-01,T1\nC2,2025-01-01,T1\nC3,2025-01-01,T2",
    "kpis": """code,name,indicator,unit,direction,customer_method,time_method,near_band_abs
        revenue,Revenue,trailing,currency,higher,sum,sum,
        renewal,Renewal,trailing,percent,higher,ratio,pool,2
        csat,CSAT,leading,score,higher,mean,pool,
        complaints,Complaints,leading,number,lower,sum,sum,
        share,Share,trailing,percent,higher,ratio,pool,2""",
}


def take(kind: str, name: str, **reading: str) -> LoadReport:
    """What a load of the file says."""
    return load_file(kind=kind, path=DATA / name, reading=Reading(**reading))


def brought(browser: Client, kind: str, name: str) -> Any:
    """The page of files after the file was brought there: what it would do, or why it cannot be read."""
    file = SimpleUploadedFile(name, (DATA / name).read_bytes())
    return browser.post("/imports/", {"kind": kind, "file": file}, follow=True)


def called(browser: Client, kind: str, name: str) -> Any:
    """What the bulk call answers to the bytes of a CSV file."""
    address = f"/api/v1/{kind.replace('_', '-')}/bulk/"
    return browser.post(address, (DATA / name).read_bytes(), content_type="text/csv")


def calls() -> dict[str, Any]:
    """Bodies of calls by the verb and address that took them."""
    found: dict[str, Any] = json.loads((DATA / "api-unknown-body-fields.json").read_text())
    return {call: body for call, body in found.items() if not call.startswith("answer")}
