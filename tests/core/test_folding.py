"""A search takes no regard of case, whatever the alphabet and the database."""

from __future__ import annotations

import pytest

from accounts.models import User
from core.folding import like
from kpis.models import Kpi
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", ["überfällig", "ÜBERFÄLLIG", "Überfällig", "fÄLL", "rechnungen"])
def test_a_word_is_found_in_either_case_beyond_ascii(word: str, ines: User) -> None:
    factories.kpi("k1", name="Überfällige Rechnungen")
    factories.kpi("k2", name="Offene Posten")
    page = signed_in(ines).get("/kpis/", {"q": word}).content.decode()
    assert ("Überfällige Rechnungen" in page, "Offene Posten" in page) == (True, False)


@pytest.mark.parametrize(
    ("lookup", "found"),
    [
        ({"name__icontains": "ОПЛАТ"}, True),
        ({"name__istartswith": "ÉTÉ"}, True),
        ({"name__iexact": "été_50% Оплата\\"}, True),
        ({"name__icontains": "50%"}, True),
        ({"name__icontains": "é_5"}, True),
        ({"name__icontains": "t_50"}, False),
        ({"name__icontains": "5%0"}, False),
        ({"name__iendswith": "а\\"}, True),
    ],
)
def test_what_a_search_means_is_as_it_was(lookup: dict[str, str], found: bool) -> None:
    factories.kpi("k1", name="Été_50% оплата\\")
    assert Kpi.objects.filter(**lookup).exists() is found


def test_nothing_is_like_nothing() -> None:
    assert (like(None, "a"), like("a", None), like("a%", "A\nb"), like("12", 12)) == (None, None, True, True)
