"""``manage.py test_links [--month 2024-06]``: tests all links now, and prints each with its state."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.commands import DataCommand
from core.migrated import require_migrations
from core.outages import told_in_a_sentence
from core.periods import Month, PeriodError, month_code, parse_month
from kpis.models import Link
from kpis.services.link_tests import Tested, check_links, last_ended
from kpis.wording import lag_words


class Command(DataCommand):
    """Exit status: 0 tested, 2 usage. The command line is the operator's."""

    help = "Tests all links as of a month (the last ended one), keeps what the tests say, and prints each."

    def add_arguments(self, parser: CommandParser) -> None:
        """As of which month."""
        parser.add_argument("--month", default="", help="an ended month such as 2024-06; default: the last one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Test, then say what became of it."""
        require_migrations()
        with told_in_a_sentence("Nothing was kept. Try again."):
            month = _month(options["month"])
            tested = check_links(list(Link.objects.standing()), month)
        self.stdout.write("\n".join(_line(one) for one in tested) or "There is no link yet.")


def _month(text: str) -> Month:
    last = last_ended()
    try:
        month = parse_month(text) if text else last
    except PeriodError as error:
        raise CommandError(f"“{text}” {error}", returncode=2) from error
    if month > last:
        raise CommandError(f"{text} has not ended; the last month that has is {month_code(last)}.", returncode=2)
    return month


def _line(tested: Tested) -> str:
    link, kept = tested.link, tested.kept
    at = f", {lag_words(kept.best_lag)}" if kept.best_lag is not None else ""
    pair = f"{link.leading.code} -> {link.trailing.code} ({link.sign})"
    return f"{pair} {month_code(Month(kept.month))}: {kept.state}{at}"
