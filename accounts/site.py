"""The admin site: one way in for all, open to those whose roles have something to do there."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme

_NOTHING_HERE = "Your roles have nothing to do in the administration. Ask an administrator if they should."


class TierboardAdminSite(AdminSite):
    """Signs in by the product's own page, so that throttling and its words are the same."""

    site_header = site_title = "Tierboard administration"
    index_title = "Definitions, people and records"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Deleting in bulk would say less about what goes than deleting one by one.
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person has anything to do here; each model asks for its own right."""
        user = request.user
        return user.is_active and user.is_staff

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of the admin: who is signed in and has nothing to do here gets 403 at once."""
        inner = super().admin_view(view, cacheable)

        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(_NOTHING_HERE)
            return inner(request, *args, **kwargs)

        return update_wrapper(enter, inner)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The product's own page, which leaves an audit entry."""
        return redirect("password_change")

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody goes to the sign-in page; a person without a role for it is told so."""
        asked = request.GET.get("next", "")
        ours = asked.startswith("/")  # whatever else it is: redirect() would look for a page of that name
        safe = ours and url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
        target = asked if safe else reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(target)
        if not self.has_permission(request):
            raise PermissionDenied(_NOTHING_HERE)
        return redirect(target)
