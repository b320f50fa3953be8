"""Keys in one form, at every door and in what was stored before there was one."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from core.key_migration import bring_into_one_form
from core.keys import NO_CODE, LookAlikes, key_text, unknown_words, why_no_code, why_no_key
from customers.models import Customer
from tests import factories

NFC = "CAFÉ-1"
NFD = unicodedata.normalize("NFD", NFC)


def test_a_key_has_one_form() -> None:
    assert key_text(NFD) == NFC
    assert key_text("C 3 | x") == "C 3 | x"


@pytest.mark.parametrize(
    "text", ["a\u200bé", "\ufeffé", "a\nb", "a\tb", "é\nb", "a\u2028b", "1.2E+16", "1,2e+16", "12E+5"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"nobody sees|shortened"):
        key_text(text)


@pytest.mark.parametrize("text", ["a/b", "-a", ".a", "é", "a b"])
def test_what_is_no_code_is_told_its_letters(text: str) -> None:
    assert why_no_code(text, 40) == NO_CODE


@pytest.mark.parametrize("text", ["A", "0", "a.B_c-9", "x" * 40])
def test_a_code_is_nothing_to_refuse(text: str) -> None:
    assert why_no_code(text, 40) == ""


def test_of_several_reasons_one_is_told_the_length_first() -> None:
    assert why_no_code("a/\x01" * 40, 40) == "has more than 40 characters"
    assert why_no_code("a/\x01", 40) == "has control characters"
    for unseen in ("\u200b", "\t", "\n"):
        assert "nobody sees" in why_no_code(f"a/{unseen}", 40)


def test_an_accent_of_its_own_is_no_character_more() -> None:
    assert why_no_key(NFD, len(NFC)) == ""


def test_a_look_alike_is_named_and_a_stranger_is_not() -> None:
    alike = LookAlikes(lambda: ["C1", NFC])
    assert [alike.of(text) for text in ("c1", "cafe-1", "C\u200b1", "D1")] == ["C1", NFC, "C1", ""]
    assert unknown_words("customer") == "unknown customer"


@pytest.mark.django_db
def test_a_row_is_kept_and_found_by_the_one_form() -> None:
    made = Customer.objects.create(external_id=NFD, name="Café")
    assert Customer.objects.get(external_id=NFD).pk == made.pk
    assert Customer.objects.values_list("external_id", flat=True).get() == NFC
    with pytest.raises(ValidationError, match="nobody sees"):
        Customer(external_id="C\u200bé", name="x").full_clean()


def store_as_it_was(row: Customer, text: str) -> None:
    """As a version without the rule left it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET external_id = %s WHERE id = %s", [text, row.pk])


class Plain:
    """Customers as a migration sees them: keys are plain texts."""

    def __new__(cls) -> Any:
        from django.db.migrations.executor import MigrationExecutor

        state = MigrationExecutor(connection).loader.project_state([("customers", "0003_keys_in_one_form")])
        return state.apps.get_model("customers", "Customer")


@pytest.mark.django_db
def test_stored_keys_are_brought_into_one_form_and_doubles_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    alone, double = factories.customer("a"), factories.customer("b")
    factories.customer("É2")
    store_as_it_was(alone, NFD)
    store_as_it_was(double, unicodedata.normalize("NFD", "É2"))
    bring_into_one_form(Plain(), "external_id")
    assert Customer.objects.get(pk=alone.pk).external_id == NFC
    assert Customer.objects.get(pk=double.pk).external_id == unicodedata.normalize("NFD", "É2")
    said = capsys.readouterr().out
    assert f"customer {double.pk}: “É2” is there already" in said
    assert NFC not in said
