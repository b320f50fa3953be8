"""Who may enter the pages of home, of the search, of value by tier and of weights."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from customers.models import Tier
from kpis.models import Kpi
from scorecard.models import Narrative, Remark
from tests.accounts.audiences import ADMINS, FINANCE, GOALS, PUBLIC, READERS, SIGNED_IN, STAFF, STEWARDS, Door

_PREPARERS = FINANCE | {"steward"}
_WRITERS = STAFF | {"executive"}  # of what is nobody's own

DOORS = {
    **{address: Door(READERS) for address in ("home/chart.json", "news/", "matrix/")},
    "search/": Door(READERS),
    "search/results/": Door(READERS),
    "api/v1/search/": Door(READERS),
    **{f"growth/value/{part}": Door(READERS) for part in ("", "chart.json", "export/<download:form>/")},
    # Closing: the walk's quarter has nothing prepared
    "scorecards/": Door(READERS),
    "scorecards/<str:period>/": Door(READERS),
    "scorecards/<str:period>/ask/": Door(SIGNED_IN, READERS),
    **{f"scorecards/<str:period>/{act}/": Door(SIGNED_IN, _PREPARERS) for act in ("waive", "prepare", "withdraw")},
    "scorecards/<str:period>/waivers/<int:number>/": Door(SIGNED_IN, _PREPARERS),
    "scorecards/<str:period>/compare/": Door(READERS),
    "scorecards/<str:period>/refuse/": Door(SIGNED_IN, FINANCE | {"executive"}),
    # What people write of cells: the walk's KPI is nobody's own, and its narrative and remark are the superuser's
    "matrix/<str:period>/<str:kpi>/<str:tier>/narrative/": Door(SIGNED_IN, _WRITERS),
    "matrix/<str:period>/<str:kpi>/<str:tier>/remarks/": Door(SIGNED_IN, _WRITERS),
    "narratives/<int:number>/tick/": Door(SIGNED_IN, STEWARDS),
    "remarks/<int:number>/take-back/": Door(SIGNED_IN, STEWARDS),
    "api/v1/narratives/": Door(READERS, READERS),
    "api/v1/narratives/<int:pk>/": Door(READERS),
    "api/v1/remarks/": Door(READERS, READERS),
    "api/v1/remarks/<int:pk>/": Door(READERS),
    "api/v1/remarks/<int:pk>/take-back/": Door(READERS, STEWARDS),
    "scorecards/<str:period>/sign/": Door(SIGNED_IN, FINANCE | {"executive"}),
    "api/v1/scorecards/": Door(READERS),
    "api/v1/scorecards/<str:period>/": Door(READERS),
    **{
        f"api/v1/scorecards/<str:period>/editions/<int:number>/{part}": Door(READERS)
        for part in ("", "names/", "differences/")
    },
    "subscriptions/": Door(READERS, READERS),
    **{f"subscriptions/{act}/": Door(SIGNED_IN, READERS) for act in ("end", "follow", "unfollow")},
    "mails/stop/<str:token>/": Door(PUBLIC, PUBLIC),
    "deliveries/": Door(ADMINS),
    "deliveries/<int:number>/again/": Door(SIGNED_IN, ADMINS),
    # Incentive goals: the walk has none, so that what is one's own is not there (tests/scorecard/test_incentives.py)
    "incentives/": Door(READERS),
    "incentives/new/": Door(GOALS, GOALS),
    **{f"incentives/of/<int:person>/<str:period>/{part}": Door(READERS) for part in ("", "pdf/")},
    "incentives/goals/<str:code>/": Door(READERS),
    "incentives/goals/<str:code>/edit/": Door(GOALS, GOALS),
    **{
        f"incentives/goals/<str:code>/{act}/": Door(SIGNED_IN, GOALS)
        for act in ("approve", "drop", "confirm", "decide", "stop")
    },
    **{f"api/v1/incentive-goals/{part}": Door(READERS, GOALS) for part in ("", "bulk/")},
    "api/v1/incentive-goals/<str:code>/": Door(READERS),
    # Board packs: the walk's own has no file yet, and nobody else's is there
    "reports/": Door(READERS, READERS),
    "verify/": Door(READERS, READERS),
    **{f"reports/<int:number>/{part}": Door(READERS) for part in ("", "file/")},
    "api/v1/reports/": Door(READERS, READERS),
    **{f"api/v1/reports/<int:pk>/{part}": Door(READERS) for part in ("", "download/")},
    "growth/value/kpis/": Door(STEWARDS, STEWARDS),
    "kpis/weights/": Door(READERS, STEWARDS),
    "kpis/weights/<int:number>/take-back/": Door(SIGNED_IN, STEWARDS),
}


def written_rows(kpi: Kpi, tier: Tier, by: User) -> dict[str, Any]:
    """What somebody wrote of a cell."""
    action = {"action": "x", "owner": by, "due": date(2011, 9, 30)}
    return {
        "narratives/": Narrative.objects.create(period="2011-Q2", kpi=kpi, tier=tier, analysis="x", by=by, **action),
        "remarks/": Remark.objects.create(kpi=kpi, tier=tier, month=201109, text="x", by=by),
    }


def number_of(address: str, world: dict[str, Any]) -> dict[str, str]:
    """The numbers in an address of what somebody wrote; none in others."""
    rows = (world[name] for name in ("narratives/", "remarks/") if address.removeprefix("api/v1/").startswith(name))
    return next((dict.fromkeys(("number", "pk"), str(row.pk)) for row in rows), {})
