"""The law of the cache, held against every request and every file of the tests.

What a page about cells shows changes with an audit entry, a rollup or the company's row, for these are all that its
tag looks at (``scorecard.reading.caching``). Every model is decided about here: it is shown, or it says why not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

# Shown on pages about cells, or on what they link, so that a change of it has to change the tag.
SHOWN = frozenset(
    {
        *("accounts.businessunit", "accounts.department", "accounts.exchangerate", "accounts.user"),
        *("accounts.thread", "accounts.threadword", "accounts.action"),
        *("accounts.rolegrant", "customers.tier", "customers.customer", "customers.tiermembership"),
        *(
            "customers.lifecycleevent",
            "customers.growthbreach",
            "kpis.kpi",
            "kpis.kpiversion",
            "kpis.fact",
            "kpis.tieractual",
        ),
        *("kpis.restatement", "kpis.completemonth", "kpis.monthcell", "kpis.periodcell", "kpis.target"),
        *("kpis.target_earlier_writers", "kpis.targetbatch", "kpis.kpiproposal", "initiatives.initiative"),
        "kpis.kpiversion_withdrew",
        *("kpis.step", "kpis.monthsignal"),
        *("initiatives.initiative_tiers", "initiatives.initiative_team", "initiatives.initiativekpi"),
        *("initiatives.moment", "initiatives.moment_tiers", "initiatives.moment_initiatives"),
        *("initiatives.momentkpi", "initiatives.momenttheme", "initiatives.momentproposal"),
        *("initiatives.benefit", "initiatives.realisedbenefit", "initiatives.painpoint", "initiatives.policy"),
        *("initiatives.milestone", "initiatives.statusupdate", "initiatives.updateresponse"),
        *("initiatives.trackedchange", "initiatives.thanks", "initiatives.turnaround", "initiatives.document"),
        *("kpis.poll", "kpis.poll_invited", "kpis.polloption", "kpis.pollanswer", "kpis.pollvote"),
        *("kpis.valuekpis", "kpis.weightset", "kpis.weight"),
        *("scorecard.edition", "scorecard.editionname", "scorecard.follow"),
        *("scorecard.narrative", "scorecard.remark"),
    }
)
# What the tag is made from.
LAWFUL = frozenset({"accounts.auditentry", "accounts.company", "kpis.rolluprun", "kpis.rolledslice"})
# Never on such a page, or never there before an entry or a rollup is.
NOT_SHOWN = {
    "accounts.companylogo": "is shown by its mark, which stands in the company's row",
    "accounts.setuplink": "of the first run",
    "accounts.apitoken": "stands on its person's own page",
    "accounts.departure": "stands on the page of people, and ends with an entry",
    "accounts.failedguess": "of signing in",
    "accounts.job": "work on its way, on pages of its own",
    "accounts.invitation": "stands on the page of people",
    "accounts.keptanswer": "an answer on its way to be asked for again",
    "accounts.listview": "stands on its person's own list",
    "accounts.load": "stands on the pages of files; it ends with an entry",
    "accounts.loadchange": "stands on the pages of files",
    "accounts.outgoingmail": "mail on its way",
    "accounts.personsession": "stands on its person's own page",
    "accounts.resetrequest": "of signing in",
    "accounts.worker": "health, which no tag keeps",
    "customers.growthcheck": "how far growth was looked at",
    "kpis.customermerge": "stands on the customer's page, and ends with an entry",
    **dict.fromkeys(
        ("kpis.issue", "kpis.contact", "kpis.deal", "kpis.referral", "kpis.invoice"),
        "stands on the pages of files; what is derived of it are facts",
    ),
    "kpis.derivation": "says how far facts are derived, which are rolled up; an error on it is told live",
    "kpis.eventkeeping": "stands on the company's page, and changes with an entry",
    "kpis.eventtouch": "waits for facts to be derived, which are rolled up",
    "kpis.replacedevent": "kept for taking a load back",
    "kpis.mergedfact": "kept for taking a merge back",
    "customers.tiertouch": "waits for a rollup, which ends with a run",
    "initiatives.remindertime": "stands on its person's own page",
    "kpis.link": "stands on its own pages, the KPI's and the priorities, which no tag keeps",
    "kpis.linkevidence": "stands where its link does",
    "kpis.replacedfact": "kept for taking a load back",
    "kpis.retiering": "stands on its own page",
    "kpis.runpart": "of a rollup under way",
    "kpis.signaltouch": "waits for a rollup, which ends with a run",
    "kpis.slicetouch": "waits for a rollup, which ends with a run",
    "kpis.stagedcell": "of a rollup under way",
    "kpis.takenbackfact": "kept for the record",
    "scorecard.comparison": "how far cells were compared",
    "scorecard.editiondifference": "stands in the inbox, and begins and ends with an entry",
    "scorecard.keptstates": "kept to compare cells with",
    "scorecard.preparedtext": "made of what is shown, under the tag of that",
    "scorecard.transition": "home takes the newest one's number into its tag",
    "scorecard.visit": "home takes it into its tag, and shows it to its person alone",
    "scorecard.alertstold": "kept to compare with what was told",
    "scorecard.subscription": "stands on its person's own page",
    "scorecard.subscription_tiers": "stands on its person's own page",
    "scorecard.subscription_departments": "stands on its person's own page",
    **{
        f"scorecard.{name}": "stands on its own pages, for those who may read it"
        for name in ("incentivegoal", "goalversion", "goalmember", "goalconfirmation", "goaldecision", "stopapproval")
    },
    "scorecard.report": "stands on its person's own page, and ends with an entry",
    "scorecard.closing": "stands on its period's own page, and ends with an entry",
    "scorecard.earlywarning": "stands on the page of warnings and the customer's, which no tag keeps",
    "scorecard.warninglook": "how far warnings were looked for",
    "scorecard.warningresponse": "stands on the page of warnings and the customer's, and has an entry",
    "scorecard.warningrun": "stands on the page of warnings and the customer's, which no tag keeps",
    "scorecard.waiver": "stands on its period's own page, and has an entry",
}
# The apps of others write sessions, sign-ins and the admin's own log; none is shown.
OTHERS = frozenset({"admin", "auth", "axes", "contenttypes", "sessions"})
# Signing in writes these of a person, and no page shows them.
_QUIET = re.compile(
    r'UPDATE "accounts_user" SET "(last_login|password)" = \S+( WHERE|, "(last_login|password)" =)'
    r'|UPDATE "initiatives_initiative" SET "revision" = \('  # no page about cells shows it
)
_WRITE = re.compile(r'(?:INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
_SAVEPOINT = re.compile(r'(SAVEPOINT|ROLLBACK TO SAVEPOINT) "?(\w+)"?')


class LawBroken(AssertionError):
    """Something that a cached page shows changed, and nothing that its tag looks at."""


class _Log:
    """What was written and not rolled back."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.elsewhere = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        self._note(sql, context["cursor"].rowcount)
        return done

    def _note(self, sql: str, rows: int) -> None:
        if self.elsewhere:
            return
        if point := _SAVEPOINT.match(sql):
            name = f":{point[2]}"
            if point[1] == "SAVEPOINT":
                self.written.append(name)
            elif name in self.written:
                del self.written[self.written.index(name) :]
        elif (
            (write := _WRITE.match(sql.lstrip())) and not _QUIET.match(sql) and (rows or write[0].startswith("INSERT"))
        ):
            self.written.append(write[1])  # the rows of an INSERT are counted when its keys are read, and not before


@contextmanager
def held(what: str) -> Iterator[None]:
    """Raise LawBroken where ``what`` is done meanwhile breaks the law.

    Outside of a test's transaction a rollback cannot be seen, so that nothing is held there.
    """
    if not connection.in_atomic_block:
        yield
        return
    log = _Log()
    with connection.execute_wrapper(log):
        yield
    written = {_labels().get(table, "") for table in log.written}
    if (shown := written & SHOWN) and not written & LAWFUL:
        raise LawBroken(
            f"{what} changed {', '.join(sorted(shown))} without an audit entry, a rollup or the company's row: pages "
            "about cells would go on showing what was. Record it (accounts.audit), or say in tests/cache_law.py why "
            "no such page shows it."
        )


@contextmanager
def elsewhere() -> Iterator[None]:
    """What a test writes meanwhile is somebody else's, in the middle of a request that it races."""
    logs = [log for log in connection.execute_wrappers if isinstance(log, _Log)]
    for log in logs:
        log.elsewhere = True
    yield
    for log in logs:
        log.elsewhere = False


def undecided() -> set[str]:
    """The models that nobody has decided about."""
    own = {label for label in _labels().values() if label.split(".")[0] not in OTHERS}
    return own - SHOWN - LAWFUL - set(NOT_SHOWN) - {"accounts.user_groups", "accounts.user_user_permissions"}


@cache
def _labels() -> dict[str, str]:
    return {model._meta.db_table: model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
