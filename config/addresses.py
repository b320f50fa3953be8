"""What no address of the product can be, and what no form of it can hold."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.middleware.common import CommonMiddleware

from core.problems import invalid, refusal
from core.strict import WRITING
from core.texts import unkeepable

_API = "/api/"


class ClosingSlash(CommonMiddleware):
    """Leads from an address without its closing slash to the one with it; what would write gets 404 there instead.

    Whoever is sent on from a POST asks with GET, and takes the page that comes for the answer to what they sent.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """Whether it is led on."""
        return request.method not in WRITING and super().should_redirect_with_slash(request)


class RefuseUnreadable:
    """Middleware: what PostgreSQL would not even look for is refused at the door, whatever would have asked it.

    There is nothing at an address with a NUL. A parameter with one is named (422) by the API and is no
    proper request (400) elsewhere. A form is UTF-8, so that no half of a character gets in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, or the refusal."""
        if unkeepable(request.path):
            raise Http404("There is nothing at this address.")
        if not _is_utf8(request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"):
            return refusal(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send it as UTF-8; nothing was changed.")
        wrong = _unkeepable(request.GET)
        if wrong and request.path.startswith(_API):
            return invalid(wrong)
        if wrong:
            raise BadRequest(wrong[0]["detail"])
        return self.get_response(request)


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in {"utf-8", "ascii", "utf-8-sig"}
    except (LookupError, ValueError):
        return False


def _unkeepable(given: QueryDict) -> list[dict[str, Any]]:
    """Each parameter that no database could keep, with why."""
    pairs = [(name, text) for name, values in given.lists() for text in (name, *values)]
    return [{"field": name, "detail": why} for name, text in pairs if (why := unkeepable(str(text)))]
