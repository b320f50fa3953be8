"""``manage.py check_facts``: prove what the lean fact table has no constraint for."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import CommandError

from core.commands import DataCommand
from core.migrated import require_migrations
from kpis.loads.facts_checking import count_facts, dangling_facts

_SHOWN = 20


class Command(DataCommand):
    """Exit status: 0 every fact has its KPI and customer, 1 some dangle."""

    help = "Check that every fact, and every value that a load replaced, points at what exists."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were checked, or which dangle."""
        require_migrations()
        found = list(islice(dangling_facts(), _SHOWN + 1))
        for sentence in found[:_SHOWN]:
            self.stdout.write(sentence)
        if len(found) > _SHOWN:
            self.stdout.write("… and more")
        if found:
            raise CommandError("Some facts dangle: restore the database, or ask for help before loading more.")
        self.stdout.write(f"{count_facts():,} facts, none dangles.")
