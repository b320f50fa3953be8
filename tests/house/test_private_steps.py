"""A step that a module of another name overrides is public: whoever changes it sees that others hang on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "config", "core", "customers", "demo", "initiatives", "kpis", "scorecard")
FRAMEWORKS = {"_post_clean"}  # a hook of Django's forms


def classes() -> dict[str, tuple[str, set[str], set[str]]]:
    """Each class of the product: its file, the names of its bases, and of its private steps."""
    found = {}
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                steps = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
                private = {name for name in steps - FRAMEWORKS if name.startswith("_") and not name.endswith("__")}
                found[node.name] = (path.relative_to(ROOT).as_posix(), set(map(name_of, node.bases)), private)
    return found


def name_of(base: ast.expr) -> str:
    inner = base.value if isinstance(base, ast.Subscript) else base
    return inner.id if isinstance(inner, ast.Name) else ""


def above(name: str, known: dict[str, tuple[str, set[str], set[str]]]) -> Iterator[str]:
    for base in known[name][1] & known.keys() - {name}:
        yield base
        yield from above(base, known)


def test_no_private_step_is_overridden_from_another_module() -> None:
    known = classes()
    assert "RowKind" in above("Initiatives", known)
    assert [
        f"{file}: {name}.{step} of {base}"
        for name, (file, _, steps) in known.items()
        for base in above(name, known)
        for step in sorted(steps & known[base][2])
        if known[base][0] != file
    ] == []
