"""Who may enter the pages by which tiers and lives of customers are kept."""

from __future__ import annotations

from tests.accounts.audiences import SIGNED_IN, STEWARDS, Door

TIER_DOORS = {
    "customers/tiers/": Door(STEWARDS, STEWARDS),
    "customers/tiers/<str:code>/": Door(STEWARDS, STEWARDS),
    "customers/tiers/<str:code>/retire/": Door(SIGNED_IN, STEWARDS),
    "customers/tiers/<str:code>/bring-back/": Door(SIGNED_IN, STEWARDS),
    "customers/lifecycle/": Door(STEWARDS, STEWARDS),
    "customers/lifecycle/take-back/": Door(SIGNED_IN, STEWARDS),
    "customers/retiering/": Door(STEWARDS),
    "customers/retiering/matrix/": Door(STEWARDS),
    "customers/retiering/apply/": Door(SIGNED_IN, STEWARDS),
    "customers/retiering/undo/": Door(SIGNED_IN, STEWARDS),
    "customers/retiering/export/<download:form>/": Door(STEWARDS),
}
