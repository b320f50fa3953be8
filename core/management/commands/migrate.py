"""``manage.py migrate``: Django's, in which each migration is whole or not there, and models are made anew seldom."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState, StateApps


class LightState(ProjectState):
    """What the models are between two operations; an operation makes anew the one that it changes.

    Django makes anew with it all that are related to it, over however many others: nine tenths of the time of a first
    start. Whoever has a new field, index or constraint, or is new altogether, is related to the others as before. All
    are made anew where more was changed, and where a migration reads rows, for which Django asks by ``is_delayed``.
    """

    _other: LightState | None = None

    def reload_model(self, app_label: str, model_name: str, delay: bool = False) -> None:
        """Make a changed model anew; ``delay`` says that it is related as before."""
        if "apps" not in self.__dict__:
            return
        if delay or model_name not in self.apps.all_models[app_label]:
            self.is_delayed = True
            self._reload({(app_label, model_name)})  # type: ignore[attr-defined]
        else:
            self._forget()

    def reload_models(self, models: Any, delay: bool = True) -> None:
        """One of them has another name: all are made anew."""
        self._forget()

    def _forget(self) -> None:
        """Have all made anew once somebody asks; those before the operation now, for it compares both, and SQLite's
        columns come in the order in which their fields are made.
        """
        self.__dict__.pop("apps", None)
        self.is_delayed = False
        if self._other is not None and self._other.is_delayed:
            self._other.apps = StateApps(self._other.real_apps, self._other.models)  # type: ignore[arg-type]
            self._other.is_delayed = False

    def clone(self) -> LightState:
        """A state of the same kind; each knows the other, for which of them an operation changes is not said."""
        copy = LightState()
        vars(copy).update(vars(super().clone()))
        copy._other, self._other = self, copy
        return copy


class WholeExecutor(MigrationExecutor):
    """Notes that a migration was made in the migration's own transaction.

    Django notes it afterwards where indexes or constraints are left for the end. Who is killed in between, or meets
    a full disk, has tables of which nobody knows, and every later `migrate` fails because they exist.
    """

    def _create_project_state(self, with_applied_migrations: bool = False) -> ProjectState:
        state = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]
        return LightState(state.models, state.real_apps)

    def apply_migration(self, state: Any, migration: Migration, *args: Any, **kwargs: Any) -> Any:
        """Make it, with all that it leaves for its end."""
        make = migration.apply

        def make_all(project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
            made = make(project_state, schema_editor, collect_sql)
            while schema_editor.deferred_sql:
                schema_editor.execute(schema_editor.deferred_sql.pop(0), None)
            return made

        migration.apply = make_all  # type: ignore[method-assign]
        try:
            return super().apply_migration(state, migration, *args, **kwargs)
        finally:
            migration.apply = make  # type: ignore[method-assign]


migrate.MigrationExecutor = WholeExecutor  # type: ignore[attr-defined]


class Command(migrate.Command):
    """Django's command with that executor."""
