"""People, roles, tokens, the company and what was done, for administrators."""

from __future__ import annotations

import json
from typing import Any, cast

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audit import record
from accounts.audited import AuditedAdmin, OpenInline, ReadOnlyAdmin, RowsAdmin
from accounts.choices import Verb
from accounts.forms.company import AdminCompanyForm
from accounts.forms.people import PersonChangeForm, PersonCreationForm, RoleForms, TokenForm
from accounts.guessing import forget
from accounts.http import PageRequest
from accounts.loads.doors import confidential_kinds
from accounts.models import (
    Action,
    ApiToken,
    AuditEntry,
    BusinessUnit,
    Company,
    Department,
    ExchangeRate,
    Load,
    LoadChange,
    OutgoingMail,
    RoleGrant,
    Thread,
    User,
)
from accounts.pages.profile import revoking_tokens
from accounts.reading.audit import show_entries
from accounts.rights import Right
from accounts.rules.people import leaves_nobody, one_at_a_time
from accounts.services.divisions import BusinessUnitRows, DepartmentRows
from accounts.services.tokens import create_token, end_tokens, revoke_token
from accounts.views.asking import ask_first, is_sure
from core.auditing import key_of
from core.forms import id_of
from core.registry import confidential_subjects

# Rights come from roles alone.
admin.site.unregister(Group)


class RoleInline(OpenInline):
    """The roles of a person."""

    model = RoleGrant
    formset = RoleForms


@admin.register(User)
class PersonAdmin(AuditedAdmin[User], UserAdmin[User]):
    """People. An account is closed, not deleted: what its person did stays theirs."""

    right = Right.ADMINISTER
    form = PersonChangeForm
    add_form = PersonCreationForm
    inlines = (RoleInline,)
    fieldsets = ((None, {"fields": ("email", "name", "password", "is_active", "is_superuser")}),)
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)
    list_display = ("email", "name", "role_names", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "role_grants__role", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[User]:
        """With their roles."""
        return super().get_queryset(request).prefetch_related("role_grants")

    @admin.display(description="Roles")
    def role_names(self, obj: User) -> str:
        """The person's roles in words."""
        return ", ".join(sorted(grant.get_role_display() for grant in obj.role_grants.all()))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Administrators; a superuser's account is for superusers alone."""
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not beyond

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody: close the account instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser makes superusers, and nobody is deactivated here."""
        fixed = (*super().get_readonly_fields(request, obj), "is_active")  # /people/ hands over what is theirs with it
        return fixed if request.user.is_superuser else (*fixed, "is_superuser")

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set a person's password, or take it away, and say so in the audit; their tokens end with it.

        Two who take each other's away at once come one after the other, and one of them keeps theirs.
        """
        if id_of(id) is None:
            raise Http404("There is no such person.")
        if request.method == "POST":
            one_at_a_time()
        before = User.objects.filter(pk=id).values_list("password", flat=True).first()
        if "unset-password" in request.POST and (last := User.objects.filter(pk=id).first()) and leaves_nobody(last):
            messages.error(request, "This is the last administrator who can sign in: the password stays.")
            return redirect(request.path)
        response = super().user_change_password(request, id, form_url)
        person = User.objects.filter(pk=id).exclude(password=before).first()
        if request.method == "POST" and person:
            end_tokens(person)
            record(by=cast("User", request.user), verb=Verb.SET_PASSWORD, obj=person)
        return response


@admin.register(Company)
class CompanyAdmin(AuditedAdmin[Company]):
    """The company, past its own page, which has all of it."""

    right = Right.ADMINISTER
    form = AdminCompanyForm
    readonly_fields = ("fiscal_year_start_month", "fiscal_year_named_by", "is_demo")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Company | None = None) -> bool:
        """There is one."""
        return False


@admin.register(BusinessUnit, Department)
class DivisionAdmin(RowsAdmin[Any]):
    """Business units and departments."""

    writers = {BusinessUnit: BusinessUnitRows(), Department: DepartmentRows()}

    right = Right.MANAGE_KPIS
    view_right = Right.READ
    key_fields = ("code",)
    list_display = ("code", "name")
    search_fields = ("code", "name")


@admin.register(ExchangeRate)
class ExchangeRateAdmin(AuditedAdmin[ExchangeRate]):
    """What other currencies are worth, by fiscal year."""

    right = Right.ADMINISTER
    view_right = Right.READ
    key_fields = ("currency", "year")
    list_display = ("currency", "year", "rate")
    list_filter = ("currency",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin[OutgoingMail]):
    """Mail that was sent or waits, and why it could not go."""

    right = Right.ADMINISTER
    list_display = ("subject", "to", "created_at", "sent_at", "tries", "error")
    fields = ("key", "to", "subject", "created_at", "sent_at", "tries", "error")
    list_select_related = ("to",)
    search_fields = ("subject", "to__email")


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin[Thread]):
    """Questions about cells, KPIs, initiatives and the rest; they are answered on their pages."""

    right = Right.ADMINISTER
    list_display = ("kind", "key", "asked_by", "opened_at", "state")
    list_filter = ("state", "kind")
    list_select_related = ("asked_by",)
    search_fields = ("key",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Thread]:
        """But for those about what is confidential."""
        return super().get_queryset(request).exclude(kind__in=confidential_subjects())


@admin.register(Action)
class ActionAdmin(ReadOnlyAdmin[Action]):
    """Actions that questions and answers agreed."""

    right = Right.ADMINISTER
    list_display = ("text", "owner", "due", "done_at", "done_by")
    list_select_related = ("owner", "done_by")
    search_fields = ("text",)


@admin.register(ApiToken)
class TokenAdmin(AuditedAdmin[ApiToken]):
    """Tokens. The text is shown once, when a token is made; afterwards it can only be revoked."""

    right = Right.ADMINISTER
    form = TokenForm
    list_display = (
        *("name", "prefix", "user", "made_by", "scopes"),
        *("created_at", "expires_on", "last_used_at", "revoked_at"),
    )
    list_select_related = ("user", "made_by")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """The list offers to revoke; a token itself does not change."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Nobody: a revoked token stays as a record."""
        return False

    def get_form(self, request: HttpRequest, obj: ApiToken | None = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows who makes the token."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        """What to choose for a new token; what is known of an old one."""
        chosen = ("user", "name", "scopes", "expires_on")
        return chosen if obj is None else (*chosen, "prefix", "made_by", "created_at", "last_used_at", "revoked_at")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Make the token; its text is kept on the request for the answer alone."""
        made, text = create_token(**form.cleaned_data, by=cast("User", request.user))
        obj.pk = made.pk
        obj.refresh_from_db()
        request.token_text = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the text, this once."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "The token was made",
            "token": obj,
            "token_text": request.token_text,  # type: ignore[attr-defined]
        }
        return TemplateResponse(request, "admin/accounts/apitoken/made.html", context)

    @admin.action(description="Revoke the chosen tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[ApiToken]) -> HttpResponse | None:
        """From now on they are refused; first it is asked, with numbers."""
        if not is_sure(cast("PageRequest", request)):
            return ask_first(cast("PageRequest", request), revoking_tokens(queryset))
        for token in queryset.select_related("user"):
            revoke_token(token=token, by=cast("User", request.user))
        self.message_user(request, "The chosen tokens are refused from now on.", messages.SUCCESS)
        return None


def _named(entries: list[Any], request: HttpRequest) -> list[Any]:
    """The entries with how they are shown to who asks."""
    for entry, shown in zip(entries, show_entries(entries, cast("User", request.user)), strict=True):
        entry.shown = shown
    return entries


class EntryList(ChangeList):
    """A page of entries with their names, in as many queries as one entry needs."""

    def get_results(self, request: HttpRequest) -> None:
        """The page's entries."""
        super().get_results(request)
        self.result_list: Any = _named(list(self.result_list), request)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    """Who did what."""

    right = Right.ADMINISTER
    list_display = ("at", "by", "via", "verb", "object_type", "about")
    list_filter = ("via", "verb", "object_type")
    list_select_related = ("by",)
    search_fields = ("object_label", "object_id", "by__email", "=address", "=session", "=token__prefix")
    date_hierarchy = "at"
    fields = (
        *("at", "by", "via", "token", "session", "address"),
        *("verb", "object_type", "object_id", "about", "state_before", "state_after"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list, which reads the names of a page together."""
        return EntryList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEntry | None:
        """The entry with its names."""
        found = super().get_object(request, object_id, from_field)
        return _named([found], request)[0] if found else None

    @admin.display(description="About")
    def about(self, obj: Any) -> str:
        """What it is about, by the name of today."""
        return str(obj.shown.label)

    @admin.display(description="Before")
    def state_before(self, obj: Any) -> SafeString | str:
        """The state before, a line each."""
        return _lines(obj.shown.before)

    @admin.display(description="After")
    def state_after(self, obj: Any) -> SafeString | str:
        """The state after, a line each."""
        return _lines(obj.shown.after)


def _lines(state: Any) -> SafeString | str:
    return "–" if state is None else format_html("<pre>{}</pre>", json.dumps(state, indent=2, ensure_ascii=False))


@admin.register(Load)
class LoadAdmin(ReadOnlyAdmin[Load]):
    """Files that were taken in; they are taken back on the imports page."""

    right = Right.LOAD
    list_display = ("id", "kind", "source", "by", "at", "state", "read", "created", "updated", "unchanged", "blank")
    list_filter = ("kind", "state")
    list_select_related = ("by",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Load]:
        """But for those of kinds that are not everybody's who loads files."""
        return super().get_queryset(request).exclude(kind__in=confidential_kinds())


@admin.register(LoadChange)
class LoadChangeAdmin(ReadOnlyAdmin[LoadChange]):
    """Each row that a load changed."""

    right = Right.LOAD
    list_display = ("load", "kind", "key", "change")
    list_select_related = ("load",)
    search_fields = ("=key",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[LoadChange]:
        """But for rows of kinds that are not everybody's who loads files."""
        return super().get_queryset(request).exclude(kind__in=confidential_kinds())


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin[AccessAttempt]):
    """Failed sign-ins. Deleting one lets the person try again at once."""

    right = Right.ADMINISTER
    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "user_agent", "path_info", "failures_since_start", "attempt_time")

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        """Administrators end a lock-out by it."""
        return request.user.has_perm(self.right)

    def state_of(self, obj: models.Model) -> dict[str, Any]:
        """The account that was guessed at by its key, where there is one."""
        account = User.objects.filter(email=str(getattr(obj, "username", "") or "").strip().lower()).first()
        return super().state_of(obj) | {"username": key_of(account)}

    def written(self, request: HttpRequest, *, old: models.Model | None, new: models.Model | None) -> None:
        """Guesses at the account no longer count, wherever they came from."""
        if isinstance(old, AccessAttempt) and new is None:
            forget(account=old.username or "")
