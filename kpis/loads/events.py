"""Events as files: staged, checked by joins, and written only where they are new or differ, a million at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import ClassVar, cast

from accounts.loads import LoadJob, LoadRefused
from accounts.loads.kind import path_of
from accounts.models import Load, User
from accounts.rights import Right
from core.keys import address_problems
from core.loading import Column, Record, Reference
from core.loading.columns import BOOLEAN, DAY, NUMBER, POSITIVE, key_in, text_in
from customers.loads import CUSTOMER
from customers.models import Customer
from kpis.loads import events_applying, events_sql, staging
from kpis.loads.events_absent import with_stored_cells
from kpis.loads.events_applying import Written, listed
from kpis.loads.events_reading import EventReader
from kpis.loads.events_undoing import undo_events
from kpis.loads.staging import Stage
from kpis.models import Contact, Deal, Event, Invoice, Issue, Referral

ISSUE = Reference(Issue, "external_id", "issue")
_OF_CUSTOMER = Column("customer", key_in(Customer, "external_id"), reference=CUSTOMER)


def _id_of(model: type[Event]) -> Column:
    """The column of the events' own ids, which stand in addresses beside the product's own words."""
    base = key_in(model, "external_id")

    def clean(text: str) -> str:
        name = base.clean(text)
        for _, words in address_problems("id", name):
            raise ValueError(words)
        return name

    return Column("id", replace(base, clean=clean), key=True, field="external_id")


class Events:
    """What happened, in rows with an id of their own; one that comes again replaces itself."""

    name: ClassVar[str]
    title: ClassVar[str]
    model: ClassVar[type[Event]]
    columns: ClassVar[Sequence[Column]]
    touches_cells = False  # facts are derived first, and these touch
    load_right = Right.LOAD
    takes_approval = False
    bulk_rights = (Right.LOAD,)

    @property
    def written(self) -> Written:
        """The kind as statements need it."""
        return Written(self.model, next(column for column in self.columns if column.reference))

    @contextmanager
    def staged(self, job: LoadJob) -> Iterator[None]:
        """Copy the file into the stage before the transaction, so that nobody waits for the reading."""
        job.table = with_stored_cells(job.table, self)
        reader = EventReader(job, self.columns)
        stage = events_applying.stage_of(reader.columns)
        try:
            staging.fill(reader.batches(), stage)
            job.kept = stage
            yield
        finally:
            staging.drop(stage)

    def load(self, job: LoadJob) -> None:
        """Check the stage by joins; write it where no row is bad."""
        if job.by and not job.by.has_perm(Right.LOAD):
            raise LoadRefused(f"Loading {self.name} is not yours to do; nothing was loaded")
        present = [name for name, _ in cast("Stage", job.kept).columns]
        repeated = events_applying.note_repeated(job, [one for one in self.columns if one.name in present])
        events_applying.find_changes(self.written, present)
        events_applying.note_unknown(job, self.written)
        events_applying.note_broken(job, self.written)
        if not job.errors:
            events_applying.write_changes(job, self.written, repeated=repeated)
            job.counts.unchanged = job.counts.read - job.counts.changed

    def undo(self, load: Load, by: User | None) -> None:
        """Delete what the load created and put back what it replaced."""
        undo_events(self.written, load, by)

    def told_apart(self, load: Load) -> Iterator[str]:
        """Each event that the load writes, and what it replaces."""
        columns = self.model.columns()
        query = events_sql.TOLD_APART.format(
            stored=listed(columns, "e"), table=self.model._meta.db_table, kept=listed(columns, "p")
        )
        return (str(row) for row in staging.stream(query, [load.pk, load.pk]))

    def export(self) -> Iterator[Record]:
        """All events in the order of their ids, streamed."""
        rows = self.model._default_manager.order_by("external_id").values_list(*map(path_of, self.columns))
        for row in rows.iterator(chunk_size=5_000):
            yield {column.name: column.text(value) for column, value in zip(self.columns, row, strict=True)}


class Issues(Events):
    """What customers had to be helped with."""

    name, title, model = "issues", "Issues", Issue
    columns = (
        _id_of(Issue),
        _OF_CUSTOMER,
        Column("opened_on", DAY),
        Column("solved_on", DAY, optional=True, null=True),
    )


class Contacts(Events):
    """Who got in touch, about which issue."""

    name, title, model = "contacts", "Contacts", Contact
    columns = (
        _id_of(Contact),
        Column("issue", key_in(Issue, "external_id"), reference=ISSUE),
        Column("on", DAY),
        Column("channel", text_in(Contact, "channel"), optional=True),
    )


class Deals(Events):
    """What was won and lost, and at which price."""

    name, title, model = "deals", "Deals", Deal
    columns = (
        _id_of(Deal),
        _OF_CUSTOMER,
        Column("closed_on", DAY),
        Column("won", BOOLEAN),
        Column("list_value", POSITIVE),
        Column("net_value", POSITIVE),
        Column("hard_price_talks", BOOLEAN, optional=True, null=True),
    )


class Referrals(Events):
    """Who referred somebody."""

    name, title, model = "referrals", "Referrals", Referral
    columns = (
        _id_of(Referral),
        _OF_CUSTOMER,
        Column("on", DAY),
    )


class Invoices(Events):
    """What was charged, and when it was paid."""

    name, title, model = "invoices", "Invoices", Invoice
    columns = (
        _id_of(Invoice),
        _OF_CUSTOMER,
        Column("issued_on", DAY),
        Column("due_on", DAY),
        Column("amount", NUMBER),
        Column("paid_on", DAY, optional=True, null=True),
    )


EVENT_KINDS = (Issues(), Contacts(), Deals(), Referrals(), Invoices())
