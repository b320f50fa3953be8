"""The code stays small: files, functions, and no star imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median, quantiles

from config.environment import BASE_DIR

APPS = ("core", "accounts", "customers", "kpis", "initiatives", "scorecard", "config")


def sources(*folders: str) -> Iterator[Path]:
    """Every file of Python that a person wrote; migrations are mostly written by Django."""
    for folder in folders:
        yield from (path for path in (BASE_DIR / folder).rglob("*.py") if "migrations" not in path.parts)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file, which is parsed once for all that is asked of it."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's place and its number of lines, docstring included."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            place = f"{path.relative_to(BASE_DIR)}:{node.lineno} {node.name}"
            yield place, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_passes_400_lines() -> None:
    lines = {str(path.relative_to(BASE_DIR)): len(path.read_text().splitlines()) for path in sources(*APPS, "tests")}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_no_function_passes_50_lines() -> None:
    found = {place: count for path in sources(*APPS, "tests") for place, count in functions(path)}
    assert {place: count for place, count in found.items() if count > 50} == {}


def test_functions_are_short() -> None:
    lengths = [count for path in sources(*APPS) for _, count in functions(path)]
    assert median(lengths) <= 5
    assert quantiles(lengths, n=20)[-1] <= 17


def test_nothing_is_imported_by_star() -> None:
    stars = [
        str(path)
        for path in sources(*APPS, "tests")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names)
    ]
    assert stars == []
