"""The examples of docs/api.md work as they are pasted."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser, Namespace

import pytest
from django.test import Client

from accounts.models import User
from accounts.rights import Right
from accounts.services.tokens import create_token
from config.environment import BASE_DIR
from tests import factories

TEXT = (BASE_DIR / "docs" / "api.md").read_text()
STATUS = {"GET": 200, "POST": 201, "PATCH": 200, "DELETE": 204}


def commands() -> list[Namespace]:
    """Each ``curl`` of the document, taken apart as a shell and curl would."""
    parser = ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X", dest="verb")
    parser.add_argument("-H", dest="headers", action="append")
    parser.add_argument("-d", dest="body")
    parser.add_argument("address")
    blocks = re.findall(r"^    curl ((?:.*\\\n)*.*)", TEXT, re.MULTILINE)
    return [parser.parse_args(shlex.split(block.replace("\\\n", " "))) for block in blocks]


@pytest.mark.django_db
def test_each_command_does_what_is_said_of_it(stella: User) -> None:
    factories.tier("T1")
    scopes = (Right.READ, Right.READ_CUSTOMERS, Right.MANAGE_KPIS)
    _, text = create_token(user=stella, name="docs", scopes=scopes, expires_on=None, by=None)
    found = commands()
    assert len(found) == 4
    for one in found:
        headers = dict(header.replace("$TOKEN", text).split(": ", 1) for header in one.headers)
        verb = one.verb or ("POST" if one.body else "GET")
        content_type = headers.pop("Content-Type", "application/json")
        address = one.address.replace("$TIERBOARD", "/api/v1")
        answer = Client().generic(verb, address, one.body or "", content_type, headers=headers)
        assert answer.status_code == STATUS[verb], (one, answer.content)


@pytest.mark.django_db
def test_the_headers_of_the_document_are_those_of_an_answer(stella: User) -> None:
    answer = factories.signed_in(stella).get("/api/v1/tiers/")
    assert f"    RateLimit-Policy: {answer['RateLimit-Policy']}\n" in TEXT
    assert re.search(r'    RateLimit: "default";r=\d+;t=\d+\n', TEXT)
