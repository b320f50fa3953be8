"""Errors of the API as problem details (RFC 9457), whatever raised them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Invalid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.views import defaults
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from core.outages import Outage, outage_of
from core.writes import StaleWrite, TransitionRefused, is_double

CONTENT_TYPE = "application/problem+json"
_API = "/api/"
_CUT_OFF = "What you sent did not arrive whole; nothing was changed. Send it again."
_NO_ROW = "matches the given query."  # how the framework says that no row is so, by the name of a class
_FASTER = "Somebody did the same in this moment and was faster; nothing was changed. Look at what is there now."


def problem(code: int, detail: str, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A problem as RFC 9457 shapes it; ``errors`` holds one entry per bad field or row, if any."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": detail,
    }
    return body | ({"errors": errors} if errors else {})


class Unprocessable(APIException):
    """The request was understood and cannot be carried out; ``errors`` says what is wrong where."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "Some values cannot be accepted; nothing was changed."
    default_code = "unprocessable"

    def __init__(self, errors: list[dict[str, Any]], detail: str | None = None, **beside: Any) -> None:
        """``beside`` is what the problem says beyond its entries, such as how many there are in all."""
        super().__init__(detail)
        self.errors, self.beside = errors, beside


class Conflict(APIException):
    """What is stored is in the way; nothing was changed."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """What the REST framework asks when a view raises; None hands an unforeseen error on to be logged.

    What services refuse reads the same here: a bad value is 422, what was changed meanwhile or cannot go
    there is 409.
    """
    if isinstance(exc, StaleWrite | TransitionRefused):
        exc = Conflict(str(exc))
    if is_double(exc):
        exc = Conflict(_FASTER)
    if isinstance(exc, Http404) and str(exc).endswith(_NO_ROW):
        exc = NotFound("There is no such thing, or not for you.")
    if isinstance(exc, UnreadablePostError):
        exc = ParseError(_CUT_OFF)
    if isinstance(exc, Invalid):
        exc = Unprocessable(list(_service_errors(exc)))
    if isinstance(exc, ValidationError):
        exc = Unprocessable(list(field_errors(exc.detail)))
    if isinstance(exc, Unprocessable):
        set_rollback()
        return _response(problem(exc.status_code, str(exc.detail), exc.errors) | exc.beside)
    response = exception_handler(exc, context)
    if response is None:
        return None
    return _response(problem(response.status_code, _detail(response.data)), dict(response.headers))


def _response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _detail(data: Any) -> str:
    return str(data.get("detail", "")) if isinstance(data, dict) else str(data)


def _service_errors(error: Invalid) -> Iterator[dict[str, Any]]:
    """One entry per message of a service's refusal."""
    if not hasattr(error, "error_dict"):
        yield from ({"field": None, "detail": message} for message in error.messages)
        return
    for name, messages in error.message_dict.items():
        field = None if name == NON_FIELD_ERRORS else name
        yield from ({"field": field, "detail": message} for message in messages)


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """One entry per message of a serializer's nested errors: its field, dotted, and what is wrong."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from field_errors(inner, at)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from field_errors(inner, f"{path}.{number}".lstrip(".") if nested else path)
    else:
        yield {"field": path or None, "detail": str(detail)}


def _page_or_problem(request: HttpRequest, code: int, detail: str, page: HttpResponseBase) -> HttpResponseBase:
    if not request.path.startswith(_API):
        return page
    return JsonResponse(problem(code, detail), status=code, content_type=CONTENT_TYPE)


def invalid(errors: list[dict[str, Any]]) -> HttpResponseBase:
    """The API's answer to values that cannot be accepted, where no view of it was asked yet."""
    body = problem(422, Unprocessable.default_detail, errors)
    return JsonResponse(body, status=422, content_type=CONTENT_TYPE)


def refusal(request: HttpRequest, code: int, detail: str) -> HttpResponseBase:
    """The answer to a request that is refused before anything looks at it, whoever sent it."""
    page = render_to_string("refused.html", {"title": HTTPStatus(code).phrase, "detail": detail})
    return _page_or_problem(request, code, detail, HttpResponse(page, status=code))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The answer to what is no proper request."""
    page = defaults.bad_request(request, exception)
    return _page_or_problem(request, 400, "The request could not be read.", page)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The answer to those who may not."""
    page = defaults.permission_denied(request, exception)
    return _page_or_problem(request, 403, str(exception) or "You may not do this.", page)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The answer where there is nothing at an address."""
    detail = "There is nothing at this address. The addresses of the API are listed at /api/docs/."
    if not request.path.endswith("/"):
        detail = f"{detail} Each ends with a slash."
    return _page_or_problem(request, 404, detail, defaults.page_not_found(request, exception))


def server_error(request: HttpRequest) -> HttpResponseBase:
    """The answer where the program failed, where something is away that it needs, or where a person was slower."""
    error = sys.exception()
    if is_double(error):
        return refusal(request, HTTPStatus.CONFLICT, _FASTER)
    if isinstance(error, UnreadablePostError):
        return refusal(request, HTTPStatus.BAD_REQUEST, _CUT_OFF)
    outage = outage_of(error)
    if outage:
        return unavailable(request, outage)
    detail = "Something went wrong on our side; it was logged. Nothing of this request was kept."
    return _page_or_problem(request, 500, detail, defaults.server_error(request))


def unavailable(request: HttpRequest, outage: Outage) -> HttpResponseBase:
    """The answer during an outage: 503, what is away, and when to come back.

    A connection that breaks in the moment of a commit leaves open whether it was made, so whoever was
    writing is told to look.
    """
    reading = request.method in {"GET", "HEAD", "OPTIONS"}
    page = render_to_string("503.html", {"outage": outage, "reading": reading})
    ask = "Try again later" if reading else "Look whether this request was carried out before sending it again"
    detail = f"{outage.what} {ask}; nothing that was there is lost."
    answer = _page_or_problem(request, 503, detail, HttpResponse(page, status=503))
    answer.headers["Retry-After"] = str(outage.retry_after)
    answer.headers["Cache-Control"] = "no-store"
    return answer
