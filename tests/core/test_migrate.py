"""``manage.py migrate``, broken off at any moment, can be run again; between operations few models are made anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import models
from django.db.migrations.state import ModelState

from config.environment import BASE_DIR
from core.management.commands.migrate import LightState

# A migration whose indexes are left for its end is made, and then the process is gone before it is noted.
DYING = """
import os, sys
from django.db.migrations.executor import MigrationExecutor
record = MigrationExecutor.record_migration
def dying(self, migration):
    if migration.app_label == "admin":
        os._exit(9)
    record(self, migration)
MigrationExecutor.record_migration = dying
import manage
manage.main()
"""
WORDS = ["migrate", "-v0", "admin", "0001"]


@pytest.mark.slow
def test_who_is_killed_before_a_migration_is_noted_can_run_it_again(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path}/killed.sqlite3", "VAR_DIR": str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", DYING, *WORDS], cwd=BASE_DIR, env=env, check=False)
    assert killed.returncode == 9
    again = [sys.executable, "manage.py", *WORDS]
    done = subprocess.run(again, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr.splitlines()[-1]


@pytest.fixture
def changed() -> LightState:
    """An order is of a customer, who was given a name; no other was made anew for that."""
    state = LightState()
    key = ("id", models.BigAutoField(primary_key=True))
    state.add_model(ModelState("shop", "Customer", [key]))
    state.add_model(ModelState("shop", "Order", [key, ("of", models.ForeignKey("shop.Customer", models.CASCADE))]))
    order = state.apps.get_model("shop.Order")
    state.add_field("shop", "customer", "name", models.CharField(max_length=9), True)
    assert state.apps.get_model("shop.Order") is order
    return state


def one_class(state: LightState, name: str) -> bool:
    """Whether whom an order is of is of the class that goes by this name, and knows the order."""
    of = state.apps.get_model("shop.Order")._meta.get_field("of").related_model
    return of is state.apps.get_model("shop", name) and len(of._meta.related_objects) == 1


def test_all_models_fit_each_other_again_where_a_migration_reads_rows(changed: LightState) -> None:
    assert not one_class(changed, "Customer")
    changed.clear_delayed_apps_cache()  # as RunPython does
    assert one_class(changed, "Customer")


def test_all_models_fit_each_other_again_before_and_after_one_is_renamed(changed: LightState) -> None:
    before = changed.clone()
    changed.rename_model("shop", "Customer", "Buyer")
    assert one_class(before, "Customer")
    assert one_class(changed, "Buyer")
