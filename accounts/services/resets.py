"""Links to a new password: asked for by anybody, sent by the worker to whom the address belongs.

The page does the same for every address, in content and in time: it notes what was asked and by whom. The
worker finds the person, and flooding a mailbox or this server with it is limited by person and by caller.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import OutgoingMail, ResetRequest, User
from accounts.services.outbox import absolute, wake_after_commit, write_mail

logger = logging.getLogger(__name__)

SPAN = timedelta(hours=1)
MOST_PER_PERSON = 3  # mails in that time
MOST_PER_CALLER = 20  # an office may have one address
KEPT = timedelta(days=1)
BATCH = 200


def ask(*, email: str, caller: str) -> None:
    """Note that somebody wants a link sent to an address; beyond the caller's limit nothing is noted."""
    caller = caller[:64]
    recent = ResetRequest.objects.filter(caller=caller, at__gt=timezone.now() - SPAN)
    if recent.count() >= MOST_PER_CALLER:
        logger.warning("%s asked for more than %s links to new passwords in an hour", caller, MOST_PER_CALLER)
        return
    ResetRequest.objects.create(email=email.strip().lower()[:254], caller=caller)
    wake_after_commit()


def take_requests() -> None:
    """Write a mail for each request whose address is somebody's who may have a password; forget old ones."""
    ResetRequest.objects.filter(at__lt=timezone.now() - KEPT).delete()
    for request in ResetRequest.objects.filter(taken_at=None)[:BATCH]:
        _take(request)


@transaction.atomic
def _take(request: ResetRequest) -> None:
    """Once, whoever else looks at it in the same moment; people are locked, so that their mails are counted."""
    if not ResetRequest.objects.filter(pk=request.pk, taken_at=None).update(taken_at=timezone.now()):
        return
    person = User.objects.select_for_update().filter(email=request.email, is_active=True).first()
    if person is None or not _may_set_one(person):
        return
    recent = OutgoingMail.objects.filter(key__startswith=f"reset:{person.pk}:", created_at__gt=timezone.now() - SPAN)
    if recent.count() >= MOST_PER_PERSON:
        logger.warning("More than %s links to a new password in an hour asked for %s", MOST_PER_PERSON, person.pk)
        return
    subject = render_to_string("registration/password_reset_subject.txt")
    write_mail(key=f"reset:{person.pk}:{request.pk}", to=person, subject=subject, body="")


def _may_set_one(person: User) -> bool:
    """Who has a password, and who never had: a file made them, and the mailbox that it named proves who they are.

    Whose password was taken away after they had signed in gets none by themselves.
    """
    return person.has_usable_password() or person.last_login is None


def letter(mail: OutgoingMail) -> str:
    """The text with the link, made in the moment in which it is sent: whoever reads the outbox finds none."""
    person = mail.to
    parts = {
        "uidb64": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    link = absolute(reverse("password_reset_confirm", kwargs=parts))
    return render_to_string("registration/password_reset_email.html", {"email": person.email, "link": link})
