"""The first run: the link for the first administrator, and the steps of setting up."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.forms.setup import FirstAdministratorForm
from accounts.http import DENIED, FORM, POST, PageRequest, page
from accounts.models import Company
from accounts.pages.setup import SetupPage, step_of
from accounts.pages.stale import too_late
from accounts.reading.setup import link_holds
from accounts.rights import Right
from accounts.services.setup import claim_setup_link, end_setup
from core.forms import show_refusal
from core.setup import SetupStep
from core.writes import StaleTransition, StaleWrite, TransitionRefused

_BACKEND = "accounts.backends.PersonBackend"


@login_not_required
@sensitive_post_parameters()
@sensitive_variables("token", "form")
@require_http_methods(list(FORM))
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the one-time link: who holds it becomes the first administrator, and is signed in."""
    if not link_holds(token):
        return _dead(request)
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = claim_setup_link(token=token, **form.values)
            login(request, person, backend=_BACKEND)
            messages.success(request, f"Welcome, {person}. You administer this product now.")
            return redirect("setup")
        except ValidationError as error:
            show_refusal(form, error)
        except TransitionRefused:
            return _dead(request)
    return render(request, "setup/first.html", {"form": form}, status=HTTPStatus.BAD_REQUEST if form.errors else 200)


def _dead(request: HttpRequest) -> HttpResponse:
    return render(request, "setup/first.html", status=HTTPStatus.GONE)


@page(Right.ADMINISTER, Right.MANAGE_KPIS)
def setup(request: PageRequest) -> HttpResponse:
    """What is done, what is missing, and the next step."""
    return _page(request, SetupPage(request.user))


@page(Right.ADMINISTER, Right.MANAGE_KPIS, methods=FORM)
def setup_step(request: PageRequest, step: str) -> HttpResponse:
    """One of the steps; by POST it is taken."""
    found = step_of(step)
    if found is None:
        raise Http404("There is no such step.")
    if request.method != "POST":
        return _page(request, SetupPage(request.user, found))
    form = _form_of(found, request)
    status, late = HTTPStatus.BAD_REQUEST, None
    if form.is_valid():
        try:
            messages.success(request, found.take(form, request.user))
            return redirect("setup")
        except ValidationError as error:
            show_refusal(form, error)
        except (StaleTransition, TransitionRefused) as error:
            messages.error(request, str(error))
            return redirect("setup_step", step)
        except StaleWrite:
            status, late = HTTPStatus.CONFLICT, too_late(form, Company.objects.get(pk=1), request.user)
    return _page(request, SetupPage(request.user, found, form=form, late=late), status)


def _form_of(step: SetupStep, request: PageRequest) -> Any:
    """What was sent to a step. Raises PermissionDenied where the person may not take it, Http404 without a form."""
    if not request.user.has_perm(step.takers):
        raise PermissionDenied(DENIED)
    form = step.form(request.user, request.POST, request.FILES) if step.form else None
    if form is None:
        raise Http404("This step has no form: its page leads to where it is taken.")
    return form


@page(Right.ADMINISTER, methods=POST)
def setup_end(request: PageRequest) -> HttpResponse:
    """No administrator is led here any more; the page stays."""
    end_setup(by=request.user)
    messages.success(request, "The set-up is ended: nobody is led to it any more. It stays within reach of this page.")
    return redirect("company")


def _page(request: PageRequest, shown: SetupPage, status: int = 200) -> HttpResponse:
    return render(request, "setup/setup.html", {"page": shown}, status=status)
