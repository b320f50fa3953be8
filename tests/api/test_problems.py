"""Every error of the API is problem details (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from django.test import Client, RequestFactory
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.models import User
from accounts.rights import Right
from core.problems import server_error
from tests.factories import signed_in

ADDRESS = "/api/v1/matrix/?period=2011-Q3"


class Line(serializers.Serializer[Any]):
    month = serializers.IntegerField()


class Order(serializers.Serializer[Any]):
    name = serializers.CharField()
    lines = Line(many=True)


class OrderView(APIView):
    """Takes an order in."""

    required_right: ClassVar = {"GET": Right.READ, "POST": Right.LOAD}

    def post(self, request: Request) -> Response:
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(order.data, status=201)


def post(user: User, body: Any, content_type: str = "application/json") -> Any:
    request = APIRequestFactory().post("/api/v1/orders/", body, content_type=content_type)
    force_authenticate(request, user)
    return OrderView.as_view()(request).render()


def problem_of(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


def test_each_bad_field_of_a_body_has_an_entry_with_its_path(stella: User) -> None:
    body = problem_of(post(stella, '{"lines": [{"month": 1}, {"month": "May"}]}'), 422)
    assert [error["field"] for error in body["errors"]] == ["name", "lines.1.month"]


def test_a_body_that_is_no_json_cannot_be_read(stella: User) -> None:
    problem_of(post(stella, "{"), 400)


def test_another_media_type_is_not_taken(stella: User) -> None:
    problem_of(post(stella, "<a/>", "text/xml"), 415)


def test_a_right_per_method_is_asked_for(ines: User, stella: User) -> None:
    problem_of(post(ines, "{}"), 403)
    assert post(stella, '{"name": "a", "lines": []}').status_code == 201


def test_nobody_is_asked_to_sign_in(db: None) -> None:
    assert "WWW-Authenticate" in Client().get(ADDRESS).headers
    problem_of(Client().get(ADDRESS), 401)


def test_who_may_not_is_told_so(noor: User) -> None:
    assert "roles" in problem_of(signed_in(noor).get(ADDRESS), 403)["detail"]


@pytest.mark.parametrize("address", ["/api/v1/", "/api/nonsense/", "/api/v1/nonsense/", "/api/v2/matrix/"])
def test_an_unknown_address_of_the_api_is_a_problem_too(address: str, ines: User) -> None:
    problem_of(signed_in(ines).get(address), 404)
    problem_of(Client().get(address), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_method_that_an_address_lacks_is_named(method: str, ines: User) -> None:
    answer = getattr(signed_in(ines), method)(ADDRESS)
    problem_of(answer, 405)
    assert "GET" in answer["Allow"]


def test_a_media_type_that_we_do_not_speak(ines: User) -> None:
    problem_of(signed_in(ines).get(ADDRESS, headers={"Accept": "image/png"}), 406)


def test_too_many_calls_say_when_to_come_back(
    ines: User, served: Any, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "1/min", raising=False)
    settings.VAR_DIR = tmp_path
    browser = signed_in(ines)
    assert browser.get(ADDRESS).status_code == 200
    answer = browser.get(ADDRESS)
    problem_of(answer, 429)
    assert int(answer["Retry-After"]) > 0


def test_what_is_not_there_is_told_in_plain_words(ines: User) -> None:
    for address in ("complete-months/7/", "kpis/nothing/", "tier-actuals/7/"):
        body = problem_of(signed_in(ines).get(f"/api/v1/{address}"), 404)
        assert body["detail"] == "There is no such thing, or not for you."


def test_our_own_failure_is_a_problem_without_a_word_about_its_inside(
    ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(period: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("scorecard.reading.served_editions.build_matrix", broken)
    browser = signed_in(ines)
    browser.raise_request_exception = False
    body = problem_of(browser.get(ADDRESS), 500)
    assert "secret" not in str(body)


def test_a_session_needs_its_csrf_token_to_write(stella: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(stella).cookies
    assert "CSRF" in problem_of(strict.post("/api/v1/matrix/"), 403)["detail"]


def test_pages_keep_their_own_error_pages() -> None:
    answer = server_error(RequestFactory().get("/matrix/2011-Q3/"))
    assert answer["Content-Type"].startswith("text/html")
