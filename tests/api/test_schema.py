"""The API's description and its documentation, for whoever signed in."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Company, User
from core.registry import load_kinds
from tests.factories import signed_in


def test_the_schema_is_valid_and_without_warnings() -> None:
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    assert "openapi: 3" in out.getvalue()


def test_the_schema_tells_of_bearer_tokens_and_problems(ines: User) -> None:
    schema = signed_in(ines).get("/api/v1/schema/?format=json").json()
    assert schema["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
    answers = schema["paths"]["/api/v1/matrix/"]["get"]["responses"]
    assert set(answers) == {"200", "401", "403", "404", "422"}
    assert "application/problem+json" in answers["422"]["content"]


def test_the_schema_tells_what_is_taken_and_what_comes_back(ines: User) -> None:
    schema = signed_in(ines).get("/api/v1/schema/?format=json").json()
    given, told = (schema["components"]["schemas"][name]["properties"]["value"] for name in ("TargetInput", "Target"))
    for text in ("20", "20.5", "-65.4400"):
        assert re.match(given["pattern"], text)
    assert [bool(re.match(told["pattern"], text)) for text in ("20", "20.5", "-65.4400")] == [False, False, True]


def test_the_schema_tells_of_a_body_that_cannot_be_read_and_a_page_that_is_not_there(ines: User) -> None:
    paths = signed_in(ines).get("/api/v1/schema/?format=json").json()["paths"]
    assert {"400", "415"} <= set(paths["/api/v1/kpis/"]["post"]["responses"])
    assert "404" in paths["/api/v1/targets/"]["get"]["responses"]


def test_the_schema_tells_of_keys_for_every_call_that_may_be_repeated(ines: User) -> None:
    paths = signed_in(ines).get("/api/v1/schema/?format=json").json()["paths"]
    posts = [found["post"] for found in paths.values() if "post" in found]
    assert len(posts) > 30
    for post in posts:
        assert "Idempotency-Key" in {one["name"] for one in post["parameters"] if one["in"] == "header"}


def test_the_schema_tells_the_columns_of_each_kind_in_each_form(ines: User) -> None:
    paths = signed_in(ines).get("/api/v1/schema/?format=json").json()["paths"]
    for name, kind in load_kinds().items():
        content = paths[f"/api/v1/{name.replace('_', '-')}/bulk/"]["post"]["requestBody"]["content"]
        assert set(content) == {"application/json", "application/x-ndjson", "text/csv"}
        row = content["application/json"]["schema"]["items"]
        shown = [column for column in kind.columns if not column.hidden]
        assert list(row["properties"]) == [column.name for column in shown]
        assert row["required"] == [column.name for column in shown if column.key]
        assert content["text/csv"]["schema"]["example"].splitlines()[0] == ",".join(row["properties"])


def test_the_examples_of_rows_can_be_read(company: Company, root: User) -> None:
    paths = signed_in(root).get("/api/v1/schema/?format=json").json()["paths"]
    for name, kind in load_kinds().items():
        schema = paths[f"/api/v1/{name.replace('_', '-')}/bulk/"]["post"]["requestBody"]["content"]["application/json"]
        [example] = schema["schema"]["example"]
        for column in kind.columns:
            if not column.hidden and (text := example[column.name]):
                column.clean("true" if text is True else text)


@pytest.mark.django_db
def test_nobody_reads_them() -> None:
    assert Client().get("/api/v1/schema/").status_code == 401
    assert Client().get("/api/docs/")["Location"] == "/accounts/login/?next=/api/docs/"


def test_the_documentation_loads_only_our_own_files(ines: User) -> None:
    browser = signed_in(ines)
    page = browser.get("/api/docs/").content.decode()
    assert "://" not in page
    assert "<style" not in page
    assert "<script>" not in page
    script = browser.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode().replace("\\u002D", "-")
