"""Audit entries name people and customers by their keys, and one thing by one word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models

from core.auditing import mark_of

# Words that said the same as another, and what they are now.
WORDS = {
    "edited": "changed",
    "load": "loaded",
    "undo load": "taken back",
    "approve": "approved",
    "withdraw": "withdrawn",
    "approve again": "approved again",
    "taken over by file": "taken over",
    "taken over by command": "taken over",
    "approved by file": "approved",
    "approved by command": "approved",
    "moved by file": "moved",
    "moved by command": "moved",
    "chose reminder time": "changed",
    "saved view": "saved",
    "deleted view": "deleted",
}
# What is called by a person or a customer.
UNLABELLED = frozenset(
    {
        *("accounts.user", "accounts.rolegrant", "customers.customer", "customers.tiermembership"),
        *("customers.lifecycleevent", "initiatives.updateresponse", "initiatives.thanks", "initiatives.remindertime"),
        "kpis.targetbatch",
    }
)
# Where a person stands; an address that nobody has any more is nobody's.
PEOPLE = frozenset(
    {
        *("account_manager", "approved_by", "by", "decided_by", "deputy", "invited", "made_by", "override_by"),
        *("owner", "people", "sponsor", "team", "to", "user", "username", "author"),
    }
)
PERSONAL = {"accounts.user": ("person", ("email", "name")), "customers.customer": ("customer", ("external_id", "name"))}
BATCH = 1_000


def rewrite(apps: Any, schema_editor: Any) -> None:
    """Every entry, batch by batch; one that is right stays as it is."""
    entries = apps.get_model("accounts", "AuditEntry").objects
    for before, after in WORDS.items():
        entries.filter(verb=before).update(verb=after)
    people, customers = _people(apps), apps.get_model("customers", "Customer").objects
    last = 0
    while batch := list(entries.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        named = {name for entry in batch for state in (entry.before, entry.after) for name in _customers_in(state)}
        ids = dict(customers.filter(external_id__in=named).values_list("external_id", "pk"))
        changed = [entry for entry in batch if _rewrite(entry, people, ids)]
        entries.bulk_update(changed, ["before", "after", "object_label"], batch_size=200)


def _people(apps: Any) -> dict[str, int]:
    """Whose an address is or was."""
    found = {}
    of_people = apps.get_model("accounts", "AuditEntry").objects.filter(object_type="accounts.user")
    for pk, before, after in of_people.values_list("object_id", "before", "after").iterator():
        for state in (before, after):
            if isinstance(state, dict) and isinstance(state.get("email"), str):
                found[state["email"]] = int(pk)
    return found | dict(apps.get_model("accounts", "User").objects.values_list("email", "pk"))


def _customers_in(state: Any) -> Iterator[str]:
    if isinstance(state, dict) and isinstance(state.get("customer"), str):
        yield state["customer"]


def _rewrite(entry: Any, people: dict[str, int], customers: dict[str, int]) -> bool:
    was = entry.before, entry.after, entry.object_label
    for name in ("before", "after"):
        state = _own(entry, getattr(entry, name))
        setattr(entry, name, _keyed(state, "", people, customers))
    if entry.object_type in UNLABELLED:
        entry.object_label = ""
    return was != (entry.before, entry.after, entry.object_label)


def _own(entry: Any, state: Any) -> Any:
    """A person's or customer's own names: their key, and a mark that tells one name from the next."""
    key, names = PERSONAL.get(entry.object_type, ("", ()))
    if not isinstance(state, dict) or not entry.object_id.isdecimal():
        return state
    own = {
        name: {key: int(entry.object_id), "mark": mark_of(state[name])}
        for name in names
        if isinstance(state.get(name), str)
    }
    return state | own


def _keyed(value: Any, name: str, people: dict[str, int], customers: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {inner: _keyed(one, inner, people, customers) for inner, one in value.items()}
    if isinstance(value, list):
        return [_keyed(one, name, people, customers) for one in value]
    if not isinstance(value, str) or not value:
        return value
    if name == "customer":
        return {"customer": customers.get(value, 0)}
    if value in people or (name in PEOPLE and "@" in value):
        return {"person": people.get(value, 0)}
    return value


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_loads_take_facts_away"),
        ("customers", "0004_a_tiers_rank_has_a_limit"),
    ]
    operations = [
        migrations.AlterField("auditentry", "object_label", models.CharField(blank=True, max_length=255)),
        migrations.RunPython(rewrite, migrations.RunPython.noop),
    ]
