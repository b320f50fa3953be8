"""The API's description and its documentation, for whoever signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

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
    assert set(answers) == {"200", "401", "403", "404", "422", "429"}
    assert "application/problem+json" in answers["422"]["content"]


def test_the_schema_tells_what_is_taken_and_what_comes_back(ines: User) -> None:
    schema = signed_in(ines).get("/api/v1/schema/?format=json").json()
    given, told = (schema["components"]["schemas"][name]["properties"]["value"] for name in ("TargetInput", "Target"))
    for text in ("20", "20.5", "-65.4400"):
        assert re.match(given["oneOf"][0]["pattern"], text)
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


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_schema_is_made_once_and_is_the_same_for_all(
    ines: User, root: User, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = signed_in(ines).get(f"/api/v1/schema/?format={form}")
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)
    again = signed_in(root).get(f"/api/v1/schema/?format={form}")
    assert again.content == first.content
    assert again["Content-Disposition"] == f'inline; filename="Tierboard.{form}"'
    assert again["Content-Type"].startswith("application/vnd.oai.openapi")


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


@pytest.fixture
def described(ines: User) -> dict[str, Any]:
    found: dict[str, Any] = signed_in(ines).get("/api/v1/schema/?format=json").json()
    return found


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [one for item in described["paths"].values() for one in item.values()]
    assert len({one["operationId"] for one in found}) == len(found)
    return {one["operationId"]: one for one in found}


def test_operations_are_named_in_plain_words(described: dict[str, Any]) -> None:
    names = set(operations(described))
    assert {
        *("list_customers", "read_customer", "create_customer", "change_customer", "delete_customer"),
        *("approve_benefit", "propose_targets", "read_matrix", "read_coverage", "count_running_initiatives"),
        *("change_kpi_meaning", "bring_kpi_back", "return_initiative_to_approved", "respond_to_status_update"),
    } <= names
    verbs = "list read load create change delete approve accept bring cancel count decline drop finish hold override"
    verbs += " preview propose realise reject respond retire return search start submit take thank withdraw"
    assert {name.split("_")[0] for name in names} <= set(verbs.split())


def test_every_operation_has_an_example_that_fits_its_description(described: dict[str, Any]) -> None:
    components = nullable(described["components"])
    for name, one in operations(described).items():
        media = [*one.get("requestBody", {}).get("content", {}).values()]
        media += [held for answer in one["responses"].values() for held in answer.get("content", {}).values()]
        assert media, name
        for held in media:
            assert not list(problems_of(held["example"], held["schema"], components)), name
        assert all("example" in one for one in one.get("parameters", ()) if one.get("required")), name


def problems_of(value: Any, schema: dict[str, Any], components: Any) -> Iterator[str]:
    """What a value lacks to fit a schema of OpenAPI 3.0, whose ``components`` ``nullable`` has been through."""
    checker = jsonschema.Draft7Validator({**nullable(schema), "components": components})
    yield from (f"{error.json_path}: {error.message}" for error in checker.iter_errors(value))


def nullable(schema: Any) -> Any:
    """The same as JSON Schema says it, which knows no ``nullable`` beside the others."""
    if isinstance(schema, list):
        return [nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: nullable(one) for name, one in schema.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner


def test_bodies_say_what_the_rules_say(described: dict[str, Any]) -> None:
    shapes, components = described["components"]["schemas"], nullable(described["components"])
    target = shapes["TargetInput"]
    row = {"kpi": "nps", "tier": "T1", "from_month": "2026-07", "per": "month"}
    good: list[dict[str, Any]] = [{"value": "1.5"}, {"value": 2}, {"low": "1", "high": "2", "value": None}]
    wrong: list[dict[str, Any]] = [
        {"value": "1", "low": "0"},
        {"value": "1.55555"},
        {"value": "1", "untill_month": "2026-08"},
        {"value": "1", "from_month": "2026-13"},
        {"value": "1", "from_month": "1899-12"},
        {"value": "1", "kpi": "n ps"},
        {"value": "1", "kpi": ""},
    ]
    assert [list(problems_of(row | more, target, components)) for more in good] == [[], [], []]
    assert all(list(problems_of(row | more, target, components)) for more in wrong)
    bodies = [
        held["schema"]["$ref"].rsplit("/", 1)[-1]  # of bulk calls test_bulk tells
        for one in operations(described).values()
        for held in one.get("requestBody", {}).get("content", {}).values()
        if "$ref" in held["schema"]
    ]
    assert [name for name in bodies if shapes[name].get("additionalProperties") is not False] == []


def test_only_the_parameters_of_each_operation_are_described(described: dict[str, Any]) -> None:
    found = operations(described)
    names = {name: {one["name"] for one in found[name].get("parameters", ())} for name in found}
    assert names["delete_tier_actual"] == {"id", "reason", "dry_run", "If-Match"}
    assert names["propose_targets"] == {"Idempotency-Key"}
    assert names["read_initiative"] == {"code", "as_of"}
    assert "sort" not in names["list_initiatives"]
    assert names["list_departments"] == {"q", "cursor", "page_size"}


def test_parameters_say_what_the_rules_say(described: dict[str, Any]) -> None:
    found = {
        (name, one["name"]): one["schema"]
        for name, operation in operations(described).items()
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    }
    assert [place for place, schema in found.items() if "type" not in schema] == []
    assert [place for place, schema in found.items() if "type" not in schema.get("items", {"type": ""})] == []
    refused = {
        ("list_facts", "month"): "2011-13",
        ("list_targets", "since"): "1899-12",
        ("list_invoices", "since"): "1899-12-31",
        ("list_initiatives", "during"): "2011-Q5",
        ("list_customers", "new_in"): "2011-W1",
        ("list_narratives", "period"): "2011-Q0",
        ("list_kpis", "department"): "a b",
        ("list_deals", "customer"): "C\u200b1",
        ("read_cell", "kpi"): "a b",
        ("read_signals", "tier"): "x" * 41,
        ("load_tiers", "dry_run"): "yes",
        ("delete_deal", "dry_run"): "2",
        ("delete_tier_actual", "dry_run"): "2",
    }
    assert [place for place, value in refused.items() if not list(problems_of(value, found[place], {}))] == []


def test_steps_that_are_held_against_a_revision_say_so(described: dict[str, Any]) -> None:
    found = operations(described)
    for name in ("approve_initiative", "hold_initiative", "retire_kpi", "take_back_kpi_meaning", "create_target"):
        assert "If-Match" in {one["name"] for one in found[name]["parameters"]}, name
    for name in ("change_tier_actual_of_key", "delete_tier_actual_of_key"):
        assert "If-Match" in {one["name"] for one in found[name]["parameters"]}, name


def test_every_operation_tells_of_too_many_calls_and_every_write_of_too_large_a_body(described: dict[str, Any]) -> None:
    for address, item in described["paths"].items():
        for verb, one in item.items():
            assert "429" in one["responses"], (verb, address)
            assert ("413" in one["responses"]) == (verb != "get"), (verb, address)
