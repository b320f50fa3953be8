"""What no address of the product can be."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: there is nothing at an address with a NUL, which PostgreSQL would not even look for."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path:
            raise Http404("There is nothing at this address.")
        return get_response(request)

    return answered
