"""Who makes a token for whom: superusers' by superusers alone, and no decision in another's name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import ApiToken, AuditEntry, User
from accounts.rights import DECISIONS, Right
from accounts.services.tokens import create_token
from tests.accounts.test_tokens import call, token_of
from tests.factories import signed_in

ADD = "/admin/accounts/apitoken/add/"


def made_in_the_admin(by: User, user: User, *scopes: str, **fields: Any) -> Any:
    return signed_in(by).post(ADD, {"user": user.pk, "name": "x", "scopes": scopes or [Right.READ], **fields})


def errors(answer: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = answer.context_data["adminform"].form.errors
    return found


def test_refuses_an_administrators_token_for_a_superuser_in_the_admin(ada: User, root: User) -> None:
    answer = made_in_the_admin(ada, root)
    assert "superusers alone" in errors(answer)["user"][0]
    assert not ApiToken.objects.exists()


def test_refuses_an_administrators_token_for_a_superuser_in_the_service(ada: User, root: User) -> None:
    with pytest.raises(ValidationError, match="superusers alone"):
        token_of(root, by=ada)
    assert not AuditEntry.objects.exists()


def test_a_superuser_makes_tokens_for_superusers(root: User) -> None:
    assert call(token_of(User.objects.create_superuser("rita@tierboard.example"), by=root)[1]).status_code == 200
    assert made_in_the_admin(root, root).status_code == 200


def test_refuses_a_token_for_another_by_who_is_no_administrator(stella: User, ines: User) -> None:
    with pytest.raises(ValidationError, match="Administrators make tokens for others"):
        token_of(ines, by=stella)


def test_everybody_may_be_given_a_token_of_their_own_by_the_service(stella: User) -> None:
    assert token_of(stella, by=stella)[0].made_by == stella


def test_refuses_a_token_for_a_closed_account(ada: User, ines: User) -> None:
    User.objects.filter(pk=ines.pk).update(is_active=False)
    ines.refresh_from_db()
    with pytest.raises(ValidationError, match="account is closed"):
        token_of(ines, by=ada)


@pytest.mark.parametrize("right", sorted(DECISIONS))
def test_refuses_a_decision_in_a_token_for_another(right: Right, ada: User, fay: User) -> None:
    answer = made_in_the_admin(ada, fay, Right.READ, right)
    assert "takes no decision" in errors(answer)["scopes"][0]
    for by in (ada, None):
        with pytest.raises(ValidationError, match=f"leave out {right.label}"):
            token_of(fay, Right.READ, right, by=by)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("right", sorted(DECISIONS))
def test_a_superuser_makes_no_decision_for_another_either(right: Right, root: User, fay: User) -> None:
    assert "scopes" in errors(made_in_the_admin(root, fay, right))


def test_what_is_wrong_is_said_beside_each_field(ada: User, root: User) -> None:
    answer = made_in_the_admin(ada, root, Right.APPROVE_TARGETS, expires_on="2001-01-01")
    assert set(errors(answer)) == {"user", "scopes", "expires_on"}


def test_the_maker_is_kept_and_shown(ada: User, ines: User) -> None:
    assert made_in_the_admin(ada, ines).status_code == 200
    token = ApiToken.objects.get()
    assert token.made_by == ada
    assert AuditEntry.objects.get(verb="created").after["made_by"] == {"person": ada.pk}  # type: ignore[index]
    page = signed_in(ada).get(f"/admin/accounts/apitoken/{token.pk}/change/").content.decode()
    assert ada.email in page or str(ada) in page


def test_refuses_a_token_whose_person_became_a_superuser_after_an_administrator_made_it(ada: User, ines: User) -> None:
    _, text = token_of(ines, by=ada)
    assert call(text).status_code == 200
    User.objects.filter(pk=ines.pk).update(is_superuser=True)
    assert call(text).status_code == 401


@pytest.mark.parametrize("right", sorted(DECISIONS))
def test_a_token_keeps_decisions_where_its_person_made_it(right: Right, fay: User) -> None:
    assert right in token_of(fay, right)[0].rights


def test_a_token_whose_maker_nobody_knows_takes_no_decision(fay: User) -> None:
    token, _ = create_token(user=fay, name="x", scopes=[Right.READ, *DECISIONS], expires_on=None, by=fay)
    ApiToken.objects.update(made_by=None)
    token.refresh_from_db()
    assert token.rights == {Right.READ}
