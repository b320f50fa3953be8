"""The forms that pages show, and what nobody would type into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlsplit

from django.db import transaction
from django.test import Client

# As they go over the wire.
NASTY = tuple(
    quote(text)
    for text in (
        *(
            "\x00",
            "a\x00b",
            "\u2028",
            "\u202e",
            "\ufeff",
            "٥",
            "²",
            "１２",
            "´",
            "'",
            '"',
            "\\",
            "%s",
            "<b>",
            "{{ 1 }}",
        ),
        *("", " ", "-1", "0", "1.5", "1,5", "1_000", "0x10", "1e400", "-1e400", "NaN", "Infinity", "true", "None"),
        *("9" * 20, "9" * 5_000, "-" + "9" * 5_000, "0." + "1" * 5_000, "x" * 20_000, "é" * 5_000, "1\n2", "a\r\nb"),
        *("0001-01-01", "9999-12-31", "2011-02-30", "2011-13", "9999-12", "0000-00", "2011-Q9", "99999-Q1", "201109"),
        *("[]", '["a"]', "{}", '{"a": {"a": 1}}', '{"' + "a" * 2_000 + '": 1}', "[" * 2_000, "null", '"', "1,2,x", ";"),
        *(
            "/",
            "../../etc/passwd",
            "//evil.example",
            "javascript:alert(1)",
            "=1+1",
            "a@b",
            "x@" + "y" * 300 + ".example",
        ),
    )
) + tuple(
    quote_from_bytes(raw) for raw in (b"\xff", b"\xed\xa0\x80", b"\xc3", "ü".encode("utf-16"), "ü".encode("cp1252"))
)
TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nobody",
    "application/json",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
)


@dataclass(frozen=True)
class Form:
    """What a page lets be sent: where to, by which method, and each field with what stands in it."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its fields, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.fields))

    def body(self, changed: dict[str, tuple[str, ...]]) -> str:
        """What is sent where some fields hold other texts, as they go over the wire."""
        kept = [(name, quote(value)) for name, value in self.fields if name not in changed]
        new = [(name, value) for name, values in changed.items() for value in values]
        return "&".join(f"{quote(name)}={value}" for name, value in (*kept, *new))


@dataclass
class _Reader(HTMLParser):
    """Gathers the forms of a page, with fields that name their form from elsewhere."""

    page: str
    forms: list[dict[str, Any]] = field(default_factory=list)
    inside: dict[str, Any] | None = None
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    choosing: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form, or a field of one."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(said.get("action", ""))
            path = action.path or urlsplit(self.page).path
            self.inside = {"action": path, "method": said.get("method", "get").upper(), "fields": []}
            self.forms.append(self.inside)
            self.named[said.get("id", "")] = self.inside
        elif tag in {"input", "select", "textarea", "button"} and said.get("name"):
            form = self.named.get(said["form"]) if "form" in said else self.inside
            if form is not None:
                form["fields"].append((said["name"], said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """The form is over."""
        if tag == "form":
            self.inside = None


def forms_of(page: str, html: str) -> Iterator[Form]:
    """The forms that a page shows."""
    reader = _Reader(page)
    reader.feed(html)
    for one in reader.forms:
        fields = tuple(pair for pair in one["fields"] if pair[0] != "csrfmiddlewaretoken")
        if one["method"] in {"GET", "POST"}:
            yield Form(one["action"], one["method"], fields)


class Typist:
    """Somebody signed in who sends forms; whatever that did is taken back."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.browser.raise_request_exception = False
        self.cookies = {name: morsel.value for name, morsel in browser.cookies.items()}

    def status(self, form: Form, body: str, kind: str = TYPES[0]) -> int:
        """Send what stands in a body."""
        for name, value in self.cookies.items():
            self.browser.cookies[name] = value
        with transaction.atomic():
            if form.method == "GET":
                answer = self.browser.get(f"{form.action}?{body}")
            else:
                answer = self.browser.generic("POST", form.action, body, content_type=kind)
            transaction.set_rollback(True)
        return int(answer.status_code)
