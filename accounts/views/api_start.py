"""The page of the API: what it takes to begin, and a token of one's own."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms.tokens import OwnTokenForm
from accounts.http import FORM, PageRequest, page
from accounts.models import ApiToken, User
from accounts.pages.api_start import api_start
from accounts.services.tokens import create_token


@page(methods=FORM)
@sensitive_post_parameters()
@never_cache
def start(request: PageRequest) -> HttpResponse:
    """What a program needs; a token is made here for oneself, and its text shown this once."""
    user = request.user
    form = OwnTokenForm(request.POST if request.method == "POST" else None, user=user)
    made = _made(user, form) if form.is_valid() else None
    base = request.build_absolute_uri(reverse("schema")).removesuffix("/schema/")
    context = {"page": api_start(user, base, made), "form": form}
    return render(request, "api/start.html", context, status=400 if form.errors else 200)


def _made(user: User, form: OwnTokenForm) -> tuple[ApiToken, str] | None:
    try:
        return create_token(user=user, by=user, expires_on=None, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, [text for texts in error.message_dict.values() for text in texts])
        return None
