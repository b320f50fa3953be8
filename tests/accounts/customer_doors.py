"""Who may enter the pages of customers: of the walk's customers the owner reads none, and finds nothing there."""

from __future__ import annotations

from tests.accounts.audiences import READERS, SIGNED_IN, STEWARDS, WARNED, Door

_ONE = "customers/<customer:external_id>/"

CUSTOMER_DOORS: dict[str, Door] = {
    "customers/": Door(READERS),
    "customers/export/<download:form>/": Door(READERS),
    "customers/views/": Door(SIGNED_IN, READERS),
    "customers/views/<int:number>/delete/": Door(SIGNED_IN, READERS),
    "customers/new/": Door(STEWARDS, STEWARDS),
    "customers/merges/<int:number>/undo/": Door(SIGNED_IN, STEWARDS),
    "customers/warnings/": Door(WARNED),
    "customers/warnings/anew/": Door(SIGNED_IN, STEWARDS),
    "customers/warnings/<int:number>/take-back/": Door(SIGNED_IN, WARNED),
    "customers/warnings/<int:number>/tick/": Door(SIGNED_IN, READERS),
    f"{_ONE}warnings/<str:month>/": Door(WARNED),
    "api/v1/warnings/": Door(WARNED),
    _ONE: Door(READERS),
    f"{_ONE}effect/": Door(READERS),
    **{f"{_ONE}{form}/": Door(STEWARDS, STEWARDS) for form in ("edit", "move", "merge")},
    f"{_ONE}take-out/<str:what>/<int:number>/": Door(STEWARDS, STEWARDS),
    **{f"{_ONE}{verb}/": Door(SIGNED_IN, STEWARDS) for verb in ("events", "retire", "bring-back", "delete")},
}
