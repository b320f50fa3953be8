"""Bearer tokens: what is kept of them, what they open, and when they stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.company import today
from accounts.models import ApiToken, AuditEntry, User
from accounts.rights import Right
from accounts.services.tokens import create_token, revoke_token
from accounts.tokens import digest
from tests.factories import signed_in

DOOR = "/api/v1/matrix/?period=2011-Q3"


def token_of(user: User, *scopes: str, **fields: Any) -> tuple[ApiToken, str]:
    values = {"name": "warehouse", "expires_on": None, "by": user, **fields}
    return create_token(user=user, scopes=scopes or (Right.READ,), **values)


def call(text: str, address: str = DOOR, scheme: str = "Bearer") -> Any:
    return Client().get(address, headers={"Authorization": f"{scheme} {text}"})


def test_a_token_signs_in_by_one_query_beside_the_view_s_own(ines: User, django_assert_num_queries: Any) -> None:
    _, text = token_of(ines)
    call(text, "/api/v1/tiers/")  # its use is noted once a minute
    with django_assert_num_queries(3):  # the token, the person's roles, the tiers
        assert call(text, "/api/v1/tiers/").status_code == 200


def test_a_token_is_at_least_32_random_bytes_and_only_its_digest_is_kept(ines: User) -> None:
    token, text = token_of(ines)
    assert len(text) >= 43
    assert token.digest == digest(text)
    kept = ApiToken.objects.values().get()
    assert all(text not in str(value) for value in kept.values())
    assert text.startswith(token.prefix)


def test_the_audit_names_the_token_without_its_text_or_digest(ines: User) -> None:
    token, text = token_of(ines)
    entry = AuditEntry.objects.get(verb="created")
    assert entry.after
    assert entry.after["scopes"] == ["tierboard.read"]
    assert text not in str(entry.after)
    assert token.digest not in str(entry.after)


@pytest.mark.parametrize("scopes", [(), ("tierboard.everything",), ("tierboard.read", "x")])
def test_scopes_are_rights_and_at_least_one(ines: User, scopes: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError, match="Choose at least one"):
        create_token(user=ines, name="x", scopes=scopes, expires_on=None, by=ines)


def test_a_token_is_not_made_for_the_past(ines: User) -> None:
    with pytest.raises(ValidationError, match="expired already"):
        token_of(ines, expires_on=today() - timedelta(days=1))


def test_a_token_opens_what_its_scope_and_its_person_may(ines: User) -> None:
    assert call(token_of(ines)[1]).status_code == 200


def test_the_scheme_may_be_written_in_any_case(ines: User) -> None:
    assert call(token_of(ines)[1], scheme="bearer").status_code == 200


def test_an_integrator_reads_by_token_and_not_by_session(ivo: User) -> None:
    assert call(token_of(ivo)[1]).status_code == 200
    assert signed_in(ivo).get(DOOR).status_code == 403


def test_a_token_without_the_scope_is_refused_even_of_a_superuser(root: User) -> None:
    answer = call(token_of(root, Right.LOAD)[1])
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_of_a_person_without_roles_opens_nothing(noor: User) -> None:
    assert call(token_of(noor)[1]).status_code == 403


@pytest.mark.parametrize("text", ["", "short", "a" * 43, "ü" * 20])
def test_an_unknown_token_is_asked_for_a_better_one(text: str, ines: User) -> None:
    token_of(ines)
    answer = Client().get(DOOR, headers={"Authorization": f"Bearer {text}".encode().decode("latin-1")})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Tierboard"'
    assert answer.json()["detail"].startswith("This token is unknown")


def test_a_call_without_a_token_is_asked_for_one(db: None) -> None:
    answer = Client().get(DOOR)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_bad_token_does_not_fall_back_to_the_session(ines: User) -> None:
    assert signed_in(ines).get(DOOR, headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_prefix_alone_is_not_enough(ines: User) -> None:
    _, text = token_of(ines)
    assert call(text[:8] + "x" * 35).status_code == 401


def test_a_token_serves_its_last_day_and_not_the_next(ines: User) -> None:
    token, text = token_of(ines, expires_on=today())
    assert call(text).status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_on=today() - timedelta(days=1))
    assert call(text).status_code == 401


def test_a_revoked_token_is_refused_and_says_when(ines: User, ada: User) -> None:
    token, text = token_of(ines)
    revoke_token(token=token, by=ada)
    assert call(text).status_code == 401
    entry = AuditEntry.objects.get(verb="revoked")
    assert entry.before
    assert entry.after
    assert (entry.by, entry.before["revoked_at"]) == (ada, None)
    assert entry.after["revoked_at"]


def test_revoking_twice_keeps_the_first_moment(ines: User, ada: User) -> None:
    token, _ = token_of(ines)
    revoke_token(token=token, by=ada)
    first = ApiToken.objects.get().revoked_at
    revoke_token(token=token, by=ada)
    assert ApiToken.objects.get().revoked_at == first
    assert AuditEntry.objects.filter(verb="revoked").count() == 1


def test_the_tokens_of_a_closed_account_are_refused(ines: User) -> None:
    _, text = token_of(ines)
    User.objects.filter(pk=ines.pk).update(is_active=False)
    assert call(text).status_code == 401


def test_use_is_noted_at_most_once_a_minute(ines: User) -> None:
    token, text = token_of(ines)
    call(text)
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    call(text)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now() - timedelta(seconds=61))
    call(text)
    later = ApiToken.objects.get().last_used_at
    assert later is not None
    assert later > first


def test_a_token_signs_nobody_in_on_the_pages(ines: User) -> None:
    answer = call(token_of(ines)[1], "/accounts/password/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
