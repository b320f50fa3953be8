"""JSON with one spelling for each value: the rules of RFC 8785 that a document of texts and whole numbers needs."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import NotCanonical, at_pointer, canonical, digest_of, pointer

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def test_members_stand_in_the_order_of_their_names_in_utf_16() -> None:
    """The RFC's own example (3.2.3): by code units, so that the emoji comes before U+FB33."""
    names = ["€", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "ö"]
    found = list(json.loads(canonical(dict.fromkeys(names))))
    assert found == ["\r", "1", "\u0080", "ö", "€", "\U0001f600", "\ufb33"]


def test_texts_are_escaped_as_little_as_can_be() -> None:
    """3.2.2.2: the short escapes, lower-case hexadecimal for other controls, all else as it is."""
    text = '€$\u000f\nA\'B"\\\\"/\b\t\f\r\u007f\u2028'
    assert canonical(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\u007f\u2028"'.encode()


def test_words_and_whole_numbers_are_plain_and_nothing_is_between() -> None:
    assert canonical({"b": [True, False, None, -0, 9007199254740991], "a": {}}) == (
        b'{"a":{},"b":[true,false,null,0,9007199254740991]}'
    )


@pytest.mark.parametrize("value", [1.5, 2**53, {1: "x"}, "\ud800", float("nan"), b"x", {"\ud800": 1}])
def test_what_readers_would_understand_differently_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@given(VALUES)
def test_a_value_that_is_read_back_has_the_same_bytes(value: Any) -> None:
    content = canonical(value)
    assert canonical(json.loads(content)) == content
    assert digest_of(value) == sha256(content).hexdigest()


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_a_pointer_leads_to_what_it_names(path: list[str]) -> None:
    document: Any = "here"
    for step in reversed(path):
        document = {step: document}
    assert at_pointer(document, pointer(*path)) == "here"
    with pytest.raises(LookupError):
        at_pointer({"a": [1]}, "/a/b")
