"""Signing in and out, and passwords: Django's own views, with our words and an audit entry."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from accounts.audit import record
from accounts.choices import Verb
from accounts.forms.people import ChangedPasswordForm, NewPasswordForm, SignInForm
from accounts.guessing import open_account
from accounts.models import User
from accounts.pages.kept_form import kept_form
from accounts.services import resets
from accounts.signin import client_ip
from core.registry import landing_of


class SignIn(views.LoginView):
    """Signs a person in by e-mail address; who is signed in already goes on."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """To where the person's work is."""
        return landing_of(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the form that was sent after the session had ended, if any."""
        return {**super().get_context_data(**kwargs), "kept": self.request.POST.get("kept", "")}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign the person in, and hand back what they typed before."""
        response = super().form_valid(form)
        kept = kept_form(self.request.POST.get("kept", ""))
        return render(self.request, "registration/send_again.html", {"kept": kept}) if kept else response


class PasswordChange(views.PasswordChangeView):
    """A person changes their own password; other devices are signed out, and API tokens end unless kept."""

    form_class = ChangedPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request, for guesses at the old password are counted."""
        return {**super().get_form_kwargs(), "request": self.request}

    @transaction.atomic
    def form_valid(self, form: object) -> HttpResponse:
        """Save it and say so in the audit, without a word about the password."""
        response = super().form_valid(form)  # type: ignore[arg-type]
        person = cast("User", self.request.user)
        record(by=person, verb=Verb.CHANGED_PASSWORD, obj=person)
        open_account(person.email)
        return response


class PasswordResetAsked(views.PasswordResetView):
    """Anybody asks for a link to a new password; the same is done, and said, whoever's address it is."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Note it for the worker."""
        resets.ask(email=form.cleaned_data["email"], caller=client_ip(self.request) or "")
        return redirect(self.get_success_url())


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordReset(views.PasswordResetConfirmView):
    """A person sets a new password by the link in the mail, which also ends a lock-out, and API tokens unless kept."""

    form_class = NewPasswordForm

    @transaction.atomic
    def form_valid(self, form: object) -> HttpResponse:
        """Save it, say so in the audit, and let the person sign in at once."""
        response = super().form_valid(form)  # type: ignore[arg-type]
        person = cast("User", self.user)
        record(by=person, verb=Verb.RESET_PASSWORD, obj=person)
        open_account(person.email)
        return response
