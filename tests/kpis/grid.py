"""Writing into the grid of targets as a browser does."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import User
from customers.models import Tier
from kpis.models import Kpi, Target
from tests.factories import signed_in

GRID = "/targets/?year=2012&per=quarter"


def shown(text: str) -> str:
    """What the page's hidden field says."""
    return re.search(r'name="shown"\s+value="([^"]*)"', text)[1].replace("&quot;", '"')  # type: ignore[index]


def write(by: User, cells: dict[str, str], address: str = GRID, **more: str) -> Any:
    """Type into the grid as it is shown to the person, and press a button."""
    browser = signed_in(by)
    page = browser.get(address).content.decode()
    return browser.post(address, {"shown": shown(page), **cells, **(more or {"save": "1"})})


def name(kpi: Kpi, tier: Tier, month: int, field: str = "value") -> str:
    return f"{field}-{kpi.pk}-{tier.pk}-{month}"


def stored() -> list[tuple[int, str, str]]:
    rows = Target.objects.order_by("from_month", "version").values_list("from_month", "value", "state")
    return [(month, f"{value:f}".rstrip("0").rstrip("."), state) for month, value, state in rows]
