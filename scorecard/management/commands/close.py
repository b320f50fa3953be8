"""``manage.py close PERIOD``: close a period, or issue its next edition, in the name of two people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts.company import company, today_of
from accounts.models import User
from core.commands import DataCommand
from core.migrated import require_migrations
from core.periods import Period, PeriodError
from scorecard.models import Edition
from scorecard.reading.checklist import GROUPS
from scorecard.rules.editions import period_problems
from scorecard.services.editions import close_by_command, missing_of


class Command(DataCommand):
    """Exit status 1 where it is refused, or with the list of what is missing, unless ``--anyway`` waives it."""

    help = "Closes a period, or issues its next edition (then with --reason); prints edition and digest."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which period, in whose names, and what they say."""
        parser.add_argument("period", help="2011-09, 2011-Q3 or 2011")
        parser.add_argument("--prepared-by", required=True, metavar="E-MAIL")
        parser.add_argument("--signed-by", required=True, metavar="E-MAIL")
        parser.add_argument("--summary", metavar="FILE", help="a text of what the period was like")
        parser.add_argument("--reason", default="", help="why there is a further edition")
        parser.add_argument("--anyway", default="", metavar="REASON", help="waives all that is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, sign, print."""
        require_migrations()
        period = _period(options["period"])
        prepared_by, signed_by = _person(options["prepared_by"]), _person(options["signed_by"])
        summary = _text_of(options["summary"])
        if not options["anyway"]:
            self._require_nothing_missing(period)
        try:
            edition = close_by_command(
                period=period,
                prepared_by=prepared_by,
                signed_by=signed_by,
                summary=summary,
                reason=options["reason"],
                anyway=options["anyway"],
            )
        except (PermissionDenied, ValidationError) as error:
            raise CommandError(f"Not closed: {_words(error)}") from error
        self.stdout.write(_told(edition, prepared_by, signed_by))

    def _require_nothing_missing(self, period: Period) -> None:
        today = today_of(company())
        if any(period_problems(period, today)):
            return  # which is refused for that
        missing = missing_of(period, today)
        if missing:
            lines = [f"  {GROUPS[item.group]}: {item.title} ({item.detail})" for item in missing]
            raise CommandError("\n".join(["Not closed. Missing, unless --anyway REASON waives it:", *lines]))


def _told(edition: Edition, prepared_by: User, signed_by: User) -> str:
    names = f"by command, in the name of {prepared_by} (prepared) and {signed_by} (signed)"
    return f"{edition.period}, edition {edition.number}, {names}\n{edition.digest}"


def _words(error: PermissionDenied | ValidationError) -> str:
    if isinstance(error, PermissionDenied):
        return str(error)
    fields = getattr(error, "message_dict", {"": error.messages})
    return " ".join(f"{name}: {message}" for name, messages in fields.items() for message in messages)


def _period(code: str) -> Period:
    try:
        return Period.parse(code, company().calendar)
    except PeriodError as error:
        raise CommandError(str(error), returncode=2) from error


def _person(address: str) -> User:
    found = User.objects.filter(email__iexact=address, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody who is active has the address {address}.", returncode=2)
    return found


def _text_of(path: str | None) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}", returncode=2) from error
