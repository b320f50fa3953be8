"""What a new password ends."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser

from accounts.models import User
from accounts.services.tokens import end_tokens


class TokensEnd:
    """Django tells its password validators of each new password that was saved, whatever set it.

    So a person's tokens end with it at every door, ``manage.py changepassword`` included, unless the person
    said that they go on.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Every password will do."""

    def get_help_text(self) -> str:
        """What else happens, beside the rules for passwords."""
        return "A new password ends the API tokens of the account, unless they are kept."

    def password_changed(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """The password was saved."""
        if isinstance(user, User) and not user.keeps_tokens:
            end_tokens(user)
