"""Have every change of a lifecycle event mark the facts of referrals, which count who was on the book.

Customers know nothing of KPIs, and some of their events are written by plain SQL: so the database does it, whichever
door is taken. A row that goes marks its month for everybody, for its customer may be going too.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

_TABLE = "customers_lifecycleevent"
_INSERT = "INSERT INTO kpis_eventtouch (kind, customer_id, month, created_at) VALUES ('lifecycle', {}, {}, {})"
_CHANGED = "customer_id", '"on"', "kind"


def install(apps: Any, editor: Any) -> None:
    """The triggers of this database."""
    for statement in _postgresql() if editor.connection.vendor == "postgresql" else _sqlite():
        editor.execute(statement)


def remove(apps: Any, editor: Any) -> None:
    """Without them."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION IF EXISTS kpis_lifecycle_is_marked() CASCADE")
        return
    for event in ("insert", "update", "delete"):
        editor.execute(f"DROP TRIGGER IF EXISTS kpis_lifecycle_{event}")


def _postgresql() -> list[str]:
    month = 'CAST(EXTRACT(YEAR FROM {0}."on") * 100 + EXTRACT(MONTH FROM {0}."on") AS integer)'
    new = _INSERT.format("NEW.customer_id", month.format("NEW"), "now()")
    old = _INSERT.format("NULL", month.format("OLD"), "now()")
    body = (
        "CREATE FUNCTION kpis_lifecycle_is_marked() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {old}; END IF; IF TG_OP <> 'DELETE' THEN {new}; END IF; RETURN NULL; END $$"
    )
    run = "FOR EACH ROW {} EXECUTE FUNCTION kpis_lifecycle_is_marked()"
    differs = " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in _CHANGED)
    return [
        body,
        f"CREATE TRIGGER kpis_lifecycle_came AFTER INSERT OR DELETE ON {_TABLE} {run.format('')}",
        f"CREATE TRIGGER kpis_lifecycle_changed AFTER UPDATE ON {_TABLE} {run.format(f'WHEN ({differs})')}",
    ]


def _sqlite() -> list[str]:
    month = 'CAST(substr({0}."on", 1, 4) || substr({0}."on", 6, 2) AS integer)'
    new = _INSERT.format("NEW.customer_id", month.format("NEW"), "CURRENT_TIMESTAMP") + ";"
    old = _INSERT.format("NULL", month.format("OLD"), "CURRENT_TIMESTAMP") + ";"
    differs = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in _CHANGED)
    return [
        f"CREATE TRIGGER kpis_lifecycle_insert AFTER INSERT ON {_TABLE} BEGIN {new} END",
        f"CREATE TRIGGER kpis_lifecycle_update AFTER UPDATE ON {_TABLE} WHEN {differs} BEGIN {old} {new} END",
        f"CREATE TRIGGER kpis_lifecycle_delete AFTER DELETE ON {_TABLE} BEGIN {old} END",
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0028_rules_of_events"),
        ("customers", "0012_memberships_by_last_day"),
    ]

    operations = [migrations.RunPython(install, remove)]
