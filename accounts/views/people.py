"""People and their roles, how they go and come back: parse, one call, answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.filters import PeopleFilter
from accounts.forms.invitations import DeactivateForm, RolesForm
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import User
from accounts.pages.people import person_page, show_people, shown_roles
from accounts.reading.people import with_ways_in
from accounts.rights import Right
from accounts.services.invitations import mail_is_set_up
from accounts.services.people import bring_back, change_roles, deactivate
from accounts.views.asking import is_sure
from core.formatting import counted
from core.forms import show_refusal
from core.lists import FilteredList
from core.writes import StaleTransition


def _people() -> QuerySet[User]:
    return with_ways_in().prefetch_related("role_grants", "invitations")


def person_or_404(number: int) -> User:
    """The person of an address."""
    found = _people().filter(pk=number).first()
    if found is None:
        raise Http404("There is no such person.")
    return found


def to_person(request: PageRequest, person: User, said: str) -> HttpResponse:
    """Back to the person's page, with what was done."""
    messages.success(request, said)
    return redirect("person", number=person.pk)


@page(Right.ADMINISTER)
def people(request: PageRequest) -> HttpResponse:
    """Everybody, by name."""
    filters = PeopleFilter(request.GET, _people())
    found = FilteredList[User](request.GET, filters.qs, filters)
    shown = show_people(found.page.object_list)
    any_without = any(one.has_no_way_in for one in shown)
    context = {"list": found, "people": shown, "any_without": any_without, "roles": shown_roles()}
    context["mail"] = mail_is_set_up()
    return render(request, "people/people.html", context)


@page(Right.ADMINISTER)
def person(request: PageRequest, number: int) -> HttpResponse:
    """One person: how they get in, what they may do, what is theirs."""
    found = person_or_404(number)
    return _person(request, found, RolesForm(initial={"roles": found.roles}))


@page(Right.ADMINISTER, methods=POST)
def roles(request: PageRequest, number: int) -> HttpResponse:
    """Give them other roles."""
    found = person_or_404(number)
    form = RolesForm(request.POST)
    if form.is_valid():
        try:
            changed = change_roles(person=found, roles=form.cleaned_data["roles"], by=request.user)
            return to_person(request, found, "The roles were changed." if changed else "The roles were these already.")
        except ValidationError as error:
            show_refusal(form, error)
    return _person(request, found, form, status=400)


@page(Right.ADMINISTER, methods=FORM)
def leave(request: PageRequest, number: int) -> HttpResponse:
    """Deactivate somebody, and hand over what is theirs."""
    found = person_or_404(number)
    form = DeactivateForm(request.POST or None, person=found)
    if request.method == "POST" and form.is_valid() and is_sure(request):
        try:
            made = deactivate(person=found, receiver=form.cleaned_data["receiver"], by=request.user)
            said = f"{found} was deactivated; {counted(len(made.moved), 'thing')} went to {made.receiver}."
            return to_person(request, found, said if made.receiver else f"{found} was deactivated.")
        except ValidationError as error:
            show_refusal(form, error)
    context = {"page": person_page(found), "form": form}
    return render(request, "people/deactivate.html", context, status=400 if form.errors else 200)


@page(Right.ADMINISTER, methods=POST)
def come_back(request: PageRequest, number: int) -> HttpResponse:
    """Take a deactivation back."""
    found = person_or_404(number)
    try:
        back, gone = bring_back(person=found, by=request.user)
    except (StaleTransition, ValidationError) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else str(error))
        return redirect("person", number=found.pk)
    said = f"{found} is active again, and has {counted(back, 'thing')} back."
    more = f" {counted(gone, 'thing')} went on to others meanwhile and stayed there." if gone else ""
    return to_person(request, found, said + more)


def _person(request: PageRequest, found: User, form: RolesForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"page": person_page(found), "form": form, "roles": shown_roles()}
    return render(request, "people/person.html", context, status=status)
