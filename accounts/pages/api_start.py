"""Where a program's author begins: a token, and calls that work as they are pasted."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import ApiToken, User
from accounts.services.tokens import live_tokens

# What stands in the examples until a token was made.
PLACEHOLDER = "PUT-YOUR-TOKEN-HERE"


@dataclass(frozen=True, slots=True)
class ApiStart:
    """What the page shows. ``base`` is the address of the API as the reader reaches it, without a slash at its end;
    ``token`` the text of one that was made just now, else what stands for it.
    """

    base: str
    token: str
    made: ApiToken | None
    tokens: tuple[ApiToken, ...]

    @property
    def curl(self) -> str:
        """The customer tiers, by a shell."""
        return f'curl -s -H "Authorization: Bearer {self.token}" "{self.base}/tiers/"'

    @property
    def curl_dry_run(self) -> str:
        """Rows that are checked and not kept, by a shell."""
        rows = '[{"code": "example", "name": "An example"}]'
        return (
            f'curl -s -H "Authorization: Bearer {self.token}" -H "Content-Type: application/json" \\\n'
            f"  -d '{rows}' \"{self.base}/departments/bulk/?dry_run=1\""
        )

    @property
    def python(self) -> str:
        """The same in Python's own library."""
        return _PYTHON.format(base=self.base, token=self.token)


def api_start(user: User, base: str, made: tuple[ApiToken, str] | None = None) -> ApiStart:
    """The page of a person; with a token that was made just now."""
    token, text = made or (None, PLACEHOLDER)
    return ApiStart(base.rstrip("/"), text, token, tuple(live_tokens(user)))


_PYTHON = '''\
import json
import urllib.error
import urllib.request

BASE = "{base}"
TOKEN = "{token}"


def call(method, path, rows=None):
    """One call; an error prints what was wrong with which row."""
    body = None if rows is None else json.dumps(rows).encode()
    headers = {{"Authorization": f"Bearer {{TOKEN}}", "Content-Type": "application/json"}}
    request = urllib.request.Request(BASE + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(error.read().decode())


# A list comes in pages: follow "next" until it is null.
for tier in call("GET", "/tiers/")["results"]:
    print(tier["code"], tier["name"])

# Rows are taken in all together or not at all; with ?dry_run=1 they are only checked. The scope is "Manage KPIs".
# print(call("POST", "/departments/bulk/?dry_run=1", [{{"code": "example", "name": "An example"}}]))
'''
