"""What the API's description says of every address of a kind, added once for all."""

from __future__ import annotations

from typing import Any

_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": (
        "A text of your own for this call. Sent again within a day, by you and to this address, it is done once and "
        "answered the same; with another body it is a 422. A call that is refused, or a dry one, leaves no key."
    ),
}


def tell_of_keys(result: dict[str, Any], **known: Any) -> dict[str, Any]:
    """Every POST takes an ``Idempotency-Key``."""
    for operations in result["paths"].values():
        if "post" in operations:
            operations["post"].setdefault("parameters", []).append(_KEY)
    return result
