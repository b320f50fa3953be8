"""The locks hold what the .in files ask for, by hash, from nowhere in particular."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.environment import BASE_DIR

PIN = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def normal(name: str) -> str:
    """A package's name in the one spelling that all of its spellings mean."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(path: Path) -> set[str]:
    """The packages that an .in file names, those of the files that it includes too."""
    lines = [line.split("#")[0].strip() for line in path.read_text().splitlines()]
    included = [asked(path.with_name(line[3:].strip())) for line in lines if line.startswith("-r ")]
    named = [re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if line and not line.startswith("-")]
    return {normal(match[0]) for match in named if match}.union(*included)


def pins(lock: str) -> dict[str, str]:
    """Each package of a lock with its version."""
    return {normal(name): version for name, version in PIN.findall((BASE_DIR / lock).read_text())}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_a_lock_holds_what_is_asked_for(name: str) -> None:
    assert asked(BASE_DIR / f"{name}.in") - set(pins(f"{name}.txt")) == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_names_no_index_and_no_machine(name: str) -> None:
    text = (BASE_DIR / name).read_text()
    assert re.findall(r"https?://|file:|^--.*(?:index|find-links|trusted)|\s/\w+/", text, re.MULTILINE) == [
        *re.findall(r"^--no-emit-\S+", text, re.MULTILINE)
    ]
    entries = re.split(r"\n(?=\S)", text)
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    development = pins("requirements-dev.txt")
    assert {name: version for name, version in pins("requirements.txt").items() if development[name] != version} == {}


def test_every_runtime_dependency_has_its_reason() -> None:
    told = (BASE_DIR / "docs" / "dependencies.md").read_text()
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| ")][1:]
    named = {normal(name.strip()) for row in rows for name in row.split(",")} - {"its-sidecar", "its sidecar"}
    assert named == asked(BASE_DIR / "requirements.in") | {"redis"}
