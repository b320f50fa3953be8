"""Whatever is sent by any form of any page is refused or done, and never fails on our side.

The forms are those that the pages themselves show. Here each field of a third of them gets a text that nobody would
type, always the same; with ``FORM_SECONDS`` (in ``make soak``: 120) all of them as many as there is time for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from accounts.models import User
from tests import factories
from tests.accounts.forms import NASTY, TYPES, Form, Typist, forms_of
from tests.accounts.test_every_address import DOORS, concrete, world  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SECONDS = float(os.environ.get("FORM_SECONDS") or 0)
SEED = int(os.environ.get("FUZZ_SEED") or 20261130)
# What other pages than the addresses alone show.
ALSO = (
    *("targets/?per=month", "targets/?per=year&plan=1", "actuals/?month=2011-09", "approvals/?tab=decided"),
    *("initiatives/?stage=in_progress", "kpi-templates/blank/", "kpi-proposals/new/blank/", "actuals/survey/2011-09/"),
)


@pytest.fixture
def forms(world: dict[str, Any], root: User) -> list[Form]:  # noqa: F811
    """The forms of all pages, each of those fields and that address once."""
    browser = factories.signed_in(root)
    browser.raise_request_exception = False
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    found: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    for address in (*DOORS, *ALSO):
        if address.startswith("api/"):
            continue
        path = concrete(address, world) if address in DOORS else f"/{address}"
        for name, value in cookies.items():
            browser.cookies[name] = value
        answer = browser.get(path)
        assert answer.status_code < 500, path
        if "html" in answer.headers.get("Content-Type", "") and answer.status_code == 200:
            for form in forms_of(path, answer.content.decode()):
                found.setdefault((form.action, form.method, form.names), form)
    return list(found.values())


def bodies(form: Form, chance: Random, each: int) -> Iterator[tuple[str, str]]:
    """What is sent, and as what: bad texts in each field, alone and twice, in all at once, and what is no form."""
    for name in form.names:
        for bad in chance.sample(NASTY, each):
            yield form.body({name: (bad,)}), TYPES[0]
    for bad in chance.sample(NASTY, each):
        yield form.body(dict.fromkeys(form.names, (bad,))), TYPES[0]
        yield form.body(dict.fromkeys(form.names, (bad, chance.choice(NASTY)))), TYPES[0]
    yield form.body({}), chance.choice(TYPES)


def failures(forms: list[Form], typist: Typist, chance: Random, each: int) -> Iterator[str]:
    for form in forms:
        for body, kind in bodies(form, chance, each):
            if (status := typist.status(form, body, kind)) >= 500:
                yield f"{status} {form.method} {form.action} ({kind}): {body[:300]}"


def test_no_form_fails_whatever_is_sent_by_it(forms: list[Form], root: User) -> None:
    assert len(forms) > 60
    typist, until, number = Typist(factories.signed_in(root)), time.monotonic() + SECONDS, SEED
    few = Random(SEED).sample(forms, len(forms) // 3)
    found = list(failures(few, typist, Random(SEED), 1))
    while time.monotonic() < until:
        number += 1
        found += failures(forms, typist, Random(number), 10)
    assert not found, "\n".join(sorted(set(found)))
