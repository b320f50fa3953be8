"""People, their roles, and the tokens that programs use in their name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from rules.permissions import has_perm as rules_has_perm

from accounts.choices import DateFormat, NumberFormat, Role
from accounts.rights import BY_ROLE_ALONE, DECISIONS
from core.auditing import Audited
from core.reader import Formats

if TYPE_CHECKING:
    _UserManager = BaseUserManager["User"]
else:
    _UserManager = BaseUserManager


class UserManager(_UserManager):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person; without a password there is no way to sign in."""
        if not email:
            raise ValueError("A person needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who may do everything."""
        return self.create_user(email, password, **{"is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> User:
        """Sign-in finds an address whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address signs in and is kept in lower case."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    number_format = models.CharField(
        "numbers", max_length=5, choices=NumberFormat, default=NumberFormat.POINT, db_default=NumberFormat.POINT
    )
    date_format = models.CharField(
        "dates", max_length=5, choices=DateFormat, default=DateFormat.WORDS, db_default=DateFormat.WORDS
    )
    single_keys = models.BooleanField(default=True, db_default=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    audited: ClassVar = Audited(key="person", personal=frozenset({"email", "name"}), unlabelled=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case")
        ]

    # Set for a change of password after which the person's tokens go on.
    keeps_tokens: bool = False
    # What the token that acts for this person may do; None where the person acts.
    token_scopes: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the person holds a right; a token never holds more than its scopes name.

        Roles alone give rights: Django's groups and permissions are neither read nor offered.
        """
        if self.token_scopes is not None and perm not in self.token_scopes:
            return False
        past_roles = self.is_active and self.is_superuser and perm not in BY_ROLE_ALONE
        return past_roles or bool(rules_has_perm(perm, self, obj))  # type: ignore[no-untyped-call]

    @cached_property
    def roles(self) -> frozenset[str]:
        """The codes of this person's roles, read once per request; those of several people together by a prefetch."""
        return frozenset(grant.role for grant in self.role_grants.all())

    @property
    def formats(self) -> Formats:
        """How the person wants numbers and dates written."""
        return Formats(self.number_format, self.date_format)

    @property
    def is_staff(self) -> bool:
        """Whether the admin lets this person in at all; rights.py says what for."""
        return self.is_superuser or bool(self.roles & {Role.ADMINISTRATOR, Role.STEWARD, Role.FINANCE})


class RoleGrant(models.Model):
    """One role of one person."""

    audited: ClassVar = Audited(unlabelled=True)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_is_granted_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


TOKEN_DAYS = 90


def last_day_of_new_token() -> date:
    """When a token that is made now ends, unless another day is chosen."""
    return timezone.now().date() + timedelta(days=TOKEN_DAYS)


class ApiToken(models.Model):
    """A program's key to the API, acting as a person within scopes. Only its hash is kept.

    ``made_by`` is None where an operator made it at the command line: by somebody else, then, whom no rule holds.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What uses it")
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="tokens_made"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField(
        null=True,  # of one that an older program made during an upgrade; see last_day
        blank=True,
        default=last_day_of_new_token,
        help_text=f"The last day on which it serves; {TOKEN_DAYS} days from now where nothing is chosen",
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def last_day(self) -> date:
        """The last day on which it serves: every token has one."""
        return self.expires_on or self.created_at.date() + timedelta(days=TOKEN_DAYS)

    @property
    def rights(self) -> frozenset[str]:
        """What it may do where its person may: its scopes, without decisions where somebody else made it."""
        scopes = frozenset(self.scopes)
        return scopes if self.made_by_id == self.user_id else scopes - DECISIONS

    @property
    def oversteps(self) -> bool:
        """Whether it acts as a superuser though its maker is none: superusers alone make tokens for superusers.

        Asked at each call, for a person may become a superuser after somebody made them a token.
        """
        by_other = self.made_by is not None and self.made_by_id != self.user_id
        return by_other and self.user.is_superuser and not self.made_by.is_superuser  # type: ignore[union-attr]
