"""Who may enter: roles by what they are let in to, and the models of the admin."""

from __future__ import annotations

from typing import NamedTuple

Audience = frozenset[str]

NONE: Audience = frozenset()
ADMINS = frozenset({"superuser", "administrator"})
STEWARDS = ADMINS | {"steward"}
OWNERS = STEWARDS | {"owner"}
LINKERS = frozenset({"superuser", "steward"})
EXECUTIVES = frozenset({"superuser", "executive"})
PROPOSERS = frozenset({"superuser", "finance", "steward"})
FINANCE = frozenset({"superuser", "finance"})
STAFF = STEWARDS | {"finance"}
WARNED = frozenset({"superuser", "executive", "owner", "finance", "steward"})
READERS = STAFF | {"executive", "owner"}
SIGNED_IN = READERS | {"integrator", "none"}
PUBLIC = SIGNED_IN | {"nobody"}
GOALS = frozenset({"finance", "executive"})  # by a role alone: no superuser as such
LOADERS = STEWARDS | GOALS  # each of the kinds that are theirs


# The pages of files, and of jobs, which are not there for others: who gets in by GET, and by POST.
FILES_AND_JOBS: dict[str, tuple[Audience, ...]] = {
    "imports/": (LOADERS, LOADERS),
    "imports/kinds/": (LOADERS,),
    "imports/kinds/<str:kind>/sample.csv": (STEWARDS,),
    "imports/kinds/<str:kind>/export.csv": (STEWARDS,),
    "imports/check/<int:number>/": (LOADERS, LOADERS),
    "imports/check/<int:number>/bad-rows.csv": (LOADERS,),
    "imports/<int:number>/": (STEWARDS,),
    "imports/<int:number>/undo/": (STEWARDS, STEWARDS),
    "jobs/<int:number>/": (READERS,),
    "jobs/<int:number>/state.json": (READERS,),
}


class Door(NamedTuple):
    """Who gets in by GET, and by POST where that is another matter (None: not tried)."""

    get: Audience
    post: Audience | None = None


class Model(NamedTuple):
    """Who may look at, add, change and delete a model's rows in the admin."""

    view: Audience
    add: Audience
    change: Audience
    delete: Audience


MODELS: dict[str, Model] = {
    "accounts/user": Model(ADMINS, ADMINS, ADMINS, NONE),
    "accounts/company": Model(ADMINS, NONE, ADMINS, NONE),
    "accounts/apitoken": Model(ADMINS, ADMINS, NONE, NONE),
    "accounts/auditentry": Model(ADMINS, NONE, NONE, NONE),
    "accounts/load": Model(STEWARDS, NONE, NONE, NONE),
    "accounts/loadchange": Model(STEWARDS, NONE, NONE, NONE),
    "accounts/businessunit": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "accounts/department": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "accounts/exchangerate": Model(STAFF, ADMINS, ADMINS, ADMINS),
    "accounts/outgoingmail": Model(ADMINS, NONE, NONE, NONE),
    "accounts/thread": Model(ADMINS, NONE, NONE, NONE),
    "accounts/action": Model(ADMINS, NONE, NONE, NONE),
    "axes/accessattempt": Model(ADMINS, NONE, NONE, ADMINS),
    "customers/tier": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "customers/customer": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "customers/tiermembership": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "customers/lifecycleevent": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "kpis/kpi": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "kpis/completemonth": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    "kpis/tieractual": Model(STAFF, NONE, NONE, NONE),
    "kpis/target": Model(STAFF, PROPOSERS, PROPOSERS, PROPOSERS),
    "initiatives/policy": Model(ADMINS, NONE, ADMINS, NONE),
    "initiatives/painpoint": Model(STAFF, STEWARDS, STEWARDS, STEWARDS),
    **{
        f"initiatives/{name}": Model(STAFF, NONE, NONE, NONE)
        for name in (
            *("initiative", "milestone", "statusupdate", "updateresponse", "trackedchange"),
            *("benefit", "realisedbenefit", "thanks", "turnaround"),
        )
    },
}
