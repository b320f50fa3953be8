"""What every page knows."""

from typing import Any

from django.http import HttpRequest


def company(request: HttpRequest) -> dict[str, Any]:
    """The company whose scorecard this is."""
    from accounts.services import company as the_company

    return {"company": the_company()}
