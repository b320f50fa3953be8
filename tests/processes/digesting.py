"""Writes the digests that are due and sends what waits, as a worker does; killed where it is told to be.

``python -m tests.processes.digesting [POINT]``. The mail server is a file beside the data: a line for each mail taken.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.mail.backends.base import BaseEmailBackend  # noqa: E402
from django.utils.timezone import localdate  # noqa: E402

from accounts.models import OutgoingMail, User  # noqa: E402
from accounts.services import outbox  # noqa: E402
from scorecard.mails import digest  # noqa: E402
from scorecard.models import Subscription  # noqa: E402
from scorecard.reports.digest import compose_letter  # noqa: E402
from scorecard.services.subscriptions import subscribe  # noqa: E402
from tests import factories  # noqa: E402

SENT = Path(os.environ["VAR_DIR"], "sent.txt")
POINT = (sys.argv[1:] or [""])[0]


def die() -> None:
    """At once, with no clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


class Server(BaseEmailBackend):
    """Takes a mail, and notes that it has."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        if POINT == "before it is taken":
            die()
        with SENT.open("a") as file:
            file.writelines(f"{message.extra_headers['Message-ID']}\n" for message in email_messages)
        if POINT == "once it is taken":
            die()
        return len(email_messages)


def dying_before(module: Any, name: str) -> None:
    """Die where the function would be called."""
    setattr(module, name, lambda *args, **kwargs: die())


POINTS = {
    "while it is made": (digest, "render_to_string"),
    "while it is written": (outbox, "wake_after_commit"),
    "before it is handed over": (outbox, "_hand_over"),
    "before it is taken": None,
    "once it is taken": None,
}


def prepare() -> None:
    """Somebody wants the digest, of what has ended by now."""
    person = User.objects.filter(email="ines@tierboard.example").first() or factories.person("Ines", "executive")
    chosen = {"months": False, "quarters": True, "years": False, "day": 1, "format": "", "tiers": [], "departments": []}
    subscribe(person=person, values=chosen)
    Subscription.objects.update(since=localdate() - timedelta(days=200))


def main() -> None:
    """One look of a scheduler and one of the sender."""
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    if POINT == "prepare":
        prepare()
        return
    if POINT == "states":
        sys.stdout.write(",".join(sorted(one.state for one in OutgoingMail.objects.all())))
        return
    if found := POINTS.get(POINT):
        dying_before(*found)
    digest.write_digests(compose_letter)
    outbox.send_waiting()


if __name__ == "__main__":
    main()
