"""Companies that several modules read: their files are loaded once, by the commands, on the database of the pass."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.commands import installed, load_all
from tests.oracle import Company
from tests.oracle.files import read_company
from tests.processes.company import Installation

SHARED = Path(os.environ.get("SHARED_DATA", "")).absolute()


@pytest.fixture(scope="session")
def wholesale(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A wholesaler with all its files."""
    with installed(tmp_path_factory.mktemp("wholesale"), "wholesale") as company:
        load_all(company, SHARED / "wholesale")
        yield company


@pytest.fixture(scope="session")
def steady(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A company of steady processes with all its files."""
    with installed(tmp_path_factory.mktemp("steady"), "steady") as company:
        load_all(company, SHARED / "steady")
        yield company


@pytest.fixture(scope="session")
def wholesale_read() -> Company:
    """The wholesaler's files as the second opinion reads them."""
    return read_company(SHARED / "wholesale")
