"""Who may enter the pages of home, of the search, of value by tier and of weights."""

from __future__ import annotations

from tests.accounts.audiences import ADMINS, FINANCE, PUBLIC, READERS, SIGNED_IN, STEWARDS, Door

_PREPARERS = FINANCE | {"steward"}

DOORS = {
    **{address: Door(READERS) for address in ("home/chart.json", "news/", "matrix/")},
    "search/": Door(READERS),
    "search/results/": Door(READERS),
    "api/v1/search/": Door(READERS),
    **{f"growth/value/{part}": Door(READERS) for part in ("", "chart.json", "export/<str:form>/")},
    # Closing: the walk's quarter has nothing prepared
    "scorecards/": Door(READERS),
    "scorecards/<str:period>/": Door(READERS),
    **{f"scorecards/<str:period>/{act}/": Door(SIGNED_IN, _PREPARERS) for act in ("waive", "prepare", "withdraw")},
    "scorecards/<str:period>/waivers/<int:number>/": Door(SIGNED_IN, _PREPARERS),
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
