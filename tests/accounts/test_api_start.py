"""Who begins with the API: a token, and calls that run as they are pasted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html import unescape
from typing import Any

import pytest

from accounts.models import ApiToken, AuditEntry, User
from tests import factories as make

TYPED = {"name": "Nightly load", "scopes": ["tierboard.read", "tierboard.manage_kpis"]}


def examples(page: Any) -> list[str]:
    """What can be copied: the token first where there is one."""
    return [unescape(text) for text in re.findall(r"(?s)<pre[^>]*><code>(.*?)</code>", page.content.decode())]


@pytest.mark.django_db(transaction=True)
def test_what_is_pasted_runs(live_server: Any, ivo: User) -> None:
    make.tier("T1", name="Gold")
    host = live_server.url.removeprefix("http://")
    page = make.signed_in(ivo).post("/api/", TYPED, headers={"host": host})
    token, curl, dry_run, python = examples(page)
    assert token in python
    tried = python.replace("# print(call(", "print(call(")
    said = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "T1 Gold" in said
    assert "'created': 1" in said
    if shutil.which("curl"):
        for line in (curl, dry_run):
            answer = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, timeout=60).stdout
            assert '"results"' in answer or '"created":1' in answer.replace(" ", ""), answer


def test_a_token_is_ones_own_reads_and_is_shown_once(ivo: User) -> None:
    browser = make.signed_in(ivo)
    page = browser.get("/api/")
    assert 'value="tierboard.read" id="id_scopes_0" checked' in page.content.decode()
    text = examples(browser.post("/api/", {"name": "Mine", "scopes": "tierboard.read"}))[0]
    token = ApiToken.objects.get()
    assert (token.user, token.made_by, token.scopes) == (ivo, ivo, ["tierboard.read"])
    assert AuditEntry.objects.filter(verb="created", object_type="accounts.apitoken").exists()
    again = browser.get("/api/").content.decode()
    assert text not in again
    assert token.prefix in again


@pytest.mark.parametrize(
    "typed", [{"name": "x", "scopes": "tierboard.administer"}, {"name": "x"}, {"name": "", "scopes": "tierboard.read"}]
)
def test_a_token_never_reaches_beyond_its_person(typed: dict[str, str], omar: User) -> None:
    assert make.signed_in(omar).post("/api/", typed).status_code == 400
    assert not ApiToken.objects.exists()


def test_who_has_no_role_is_told_so(noor: User) -> None:
    assert "You have no role yet" in make.signed_in(noor).get("/api/").content.decode()
