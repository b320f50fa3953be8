"""Invitations: parse, one call, answer."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms.invitations import AcceptForm, InviteForm
from accounts.http import FORM, POST, PageRequest, page
from accounts.models import User
from accounts.pages.asking import Question
from accounts.pages.people import invited_page, shown_roles
from accounts.rights import Right
from accounts.services.invitations import accept, invitation_by, invite_many, mail_is_set_up, revoke_invitations
from accounts.views.asking import ask_first, is_sure
from accounts.views.people import person_or_404, to_person
from core.forms import ids_in
from core.registry import landing_of
from core.writes import StaleTransition


@page(Right.ADMINISTER, methods=FORM)
def invite(request: PageRequest) -> HttpResponse:
    """Invite one or many; what became of each is told, with links that are shown this once."""
    mail = mail_is_set_up()
    form = InviteForm(request.POST or None, mail=mail, initial={"addresses": _ticked(request)})
    context = {"form": form, "roles": shown_roles(), "mail": mail}
    if form.is_valid():
        values = form.cleaned_data
        outcomes = invite_many(
            addresses=values["addresses"], roles=values["roles"], by=request.user, by_mail=mail and form.by_mail
        )
        return _private(render(request, "people/invited.html", {"page": invited_page(outcomes)}))
    return render(request, "people/invite.html", context, status=400 if form.errors else 200)


@page(Right.ADMINISTER, methods=POST)
def invite_again(request: PageRequest, number: int) -> HttpResponse:
    """A new invitation of somebody who has no way in; their older link is dead."""
    person = person_or_404(number)
    by_mail = mail_is_set_up() and request.POST.get("way") != "link"
    outcomes = invite_many(addresses=person.email, roles=(), by=request.user, by_mail=by_mail)
    return _private(render(request, "people/invited.html", {"page": invited_page(outcomes)}))


@page(Right.ADMINISTER, methods=POST)
def revoke(request: PageRequest, number: int) -> HttpResponse:
    """No link of the person's lets anybody in."""
    person = person_or_404(number)
    if not is_sure(request):
        return ask_first(request, _revoking(person))
    ended = revoke_invitations(person, by=request.user)
    said = "The invitation was revoked: its link lets nobody in." if ended else "There was no invitation to revoke."
    return to_person(request, person, said)


def _revoking(person: User) -> Question:
    return Question(
        title=f"Revoke the invitation of {person}?",
        does=("1 link goes: it lets nobody in any more. Their account, roles and what is theirs stay.",),
        undo="A new invitation can be sent at any time.",
        verb="Revoke it",
        back=reverse("person", args=[person.pk]),
        place=str(person),
    )


@login_not_required
@require_http_methods(list(FORM))
@sensitive_post_parameters()
def take(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation: choose a name and a password, and be signed in."""
    found = invitation_by(token)
    if found is None:
        return _private(render(request, "people/no_invitation.html", status=404))
    form = AcceptForm(found.person, request.POST or None, initial={"name": found.person.name})
    if form.is_valid():
        values = form.cleaned_data
        try:
            person = accept(invitation=found, name=values["name"], password=values["new_password1"])
        except StaleTransition:
            return _private(render(request, "people/no_invitation.html", status=404))
        login(request, User.objects.get(pk=person.pk), backend="accounts.backends.PersonBackend")
        return redirect(landing_of(person))
    context = {"form": form, "person": found.person}
    return _private(render(request, "people/accept.html", context, status=400 if form.errors else 200))


def _ticked(request: PageRequest) -> str:
    """The addresses of those who were ticked in the list, a line each."""
    people = User.objects.filter(pk__in=ids_in(request.GET, "person")).order_by("email")
    return "\n".join(one.email for one in people)


def _private(response: HttpResponse) -> HttpResponse:
    """Kept nowhere: a link stands on it."""
    response.headers["Cache-Control"] = "no-store, private"
    return response
