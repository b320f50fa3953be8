"""A client that openapi-python-client makes of the API's description works as it comes: nothing of it is changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from customers.models import Customer
from tests import factories

PACKAGE = "tierboard_client"
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The client's package, importable while these tests run. Not a word of warning may have been said."""
    folder = tmp_path_factory.mktemp("client")
    call_command("spectacular", format="openapi-json", file=str(folder / "schema.json"))
    # the generator knows JSON alone, and has to be told that the other bodies of bulk calls are files
    files = dict.fromkeys(("application/x-ndjson", "text/csv"), "application/octet-stream")
    (folder / "config.json").write_text(json.dumps({"post_hooks": [], "content_type_overrides": files}))
    program = Path(sys.executable).with_name("openapi-python-client")
    chosen = ("--path", "schema.json", "--config", "config.json", "--meta", "none", "--output-path", PACKAGE)
    told = subprocess.run([program, "generate", *chosen], cwd=folder, capture_output=True, text=True, check=True)
    assert "Warning" not in told.stdout + told.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def client(generated: str, live_server: Any, stella: User) -> Any:
    """A program of the steward's, with what it needs to read and write customers."""
    scopes = (Right.READ, Right.READ_CUSTOMERS, Right.MANAGE_KPIS)
    _, text = create_token(user=stella, name="client", scopes=scopes, expires_on=None, by=None)
    return import_module(generated).AuthenticatedClient(base_url=live_server.url, token=text)


def call(operation: str, **values: Any) -> Any:
    return import_module(f"{PACKAGE}.api.{operation}").sync_detailed(**values)


def model(name: str) -> Any:
    return getattr(import_module(f"{PACKAGE}.models"), name)


def test_creates_reads_lists_changes_and_deletes_a_customer(client: Any) -> None:
    factories.business_unit()
    body = model("CustomerInput")(external_id="C1", name="Acme", business_unit="europe", is_key_account=True)
    made = call("customers.create_customer", client=client, body=body)
    assert made.status_code == 201
    assert (made.parsed.external_id, made.parsed.business_unit, made.parsed.account_manager) == ("C1", "europe", None)

    listed = call("customers.list_customers", client=client, is_key_account="true").parsed
    assert [row.name for row in listed.results] == ["Acme"]
    assert listed.next_ is None

    change = model("PatchedCustomerInput")(revision=made.parsed.revision, region="North")
    changed = call("customers.change_customer", client=client, external_id="C1", body=change)
    assert changed.parsed.region == "North"
    assert call("customers.read_customer", client=client, external_id="C1").parsed == changed.parsed

    assert call("customers.delete_customer", client=client, external_id="C1").status_code == 204
    assert not Customer.objects.exists()


def test_reads_what_is_wrong_as_a_problem(client: Any) -> None:
    body = model("CustomerInput")(external_id="C1", name="Acme", business_unit="nowhere")
    refused = call("customers.create_customer", client=client, body=body)
    assert refused.status_code == 422
    assert [(error.field, error.detail) for error in refused.parsed.errors] == [
        ("business_unit", "Unknown business unit.")
    ]


def test_reads_a_matrix(client: Any) -> None:
    gold, kpi = factories.tier("T1", name="Gold"), factories.kpi("net_revenue")
    factories.target(kpi, gold, 202607, "1234.5")
    matrix = call("matrix.read_matrix", client=client, period="2026-Q3").parsed
    (row,) = matrix.rows
    assert (row.kpi, row.cells[0].tier, row.cells[0].target) == ("net_revenue", "T1", "3703.5000")


def test_drafts_a_target_and_walks_through_pages(client: Any, stella: User) -> None:
    tiers = [factories.tier(f"T{number}") for number in (1, 2, 3)]
    factories.kpi("net_revenue")
    _, text = create_token(
        user=stella, name="targets", scopes=(Right.READ, Right.PROPOSE_TARGETS), expires_on=None, by=None
    )
    program = import_module(PACKAGE).AuthenticatedClient(base_url=client._base_url, token=text)
    for tier in tiers:
        body = model("TargetInput")(
            kpi="net_revenue", tier=tier.code, from_month="2026-07", per=model("PerEnum").MONTH, value="12.5"
        )
        assert call("targets.create_target", client=program, body=body).status_code == 201
    page = call("targets.list_targets", client=program, page_size=2).parsed
    assert [row.tier for row in page.results] == ["T1", "T2"]
    assert "cursor=" in page.next_
