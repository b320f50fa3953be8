"""``make test`` says at its end what took longest, by the records that pytest wrote."""

from __future__ import annotations

from pathlib import Path

from tests.run import TOLD, dearest


def record(path: Path, seconds: dict[str, float]) -> Path:
    """A record of one test of each of these modules."""
    cases = "".join(f'<testcase classname="{name}" name="test" time="{took}" />' for name, took in seconds.items())
    path.write_text(f"<testsuites><testsuite>{cases * 2}</testsuite></testsuites>")
    return path


def test_modules_are_told_by_database_the_longest_first_and_no_more_than_can_be_read(tmp_path: Path) -> None:
    many = {f"tests.kpis.test_{number}": 1.0 for number in range(TOLD)}
    sqlite = record(tmp_path / "sqlite.xml", {"tests.api.test_fuzz": 4.5, **many})
    postgres = record(tmp_path / "postgres.xml", {"tests.api.test_fuzz": 20.25})
    told = dearest({"SQLite": sqlite, "PostgreSQL": postgres, "none": tmp_path / "broken-off.xml"})
    assert [line.strip() for line in told[:3]] == [
        "What took longest (of 70 s in all processes)",
        "40 s  tests.api.test_fuzz on PostgreSQL",
        "9 s  tests.api.test_fuzz on SQLite",
    ]
    assert len(told) == 1 + TOLD
