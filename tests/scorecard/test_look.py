"""What the eye needs: contrast in both schemes, figures in the page's colours, vendored files as published."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

from core.figures import PALETTE

ROOT = Path(__file__).resolve().parent.parent.parent
TOKENS = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
VENDOR = ROOT / "static/vendor"
STATUSES = ("met", "near", "missed", "partial", "quiet")


def scheme(name: str) -> dict[str, str]:
    light, dark, paper = re.split(r"@media [^{]*\{", TOKENS)
    block = {"light": light, "dark": dark, "print": paper}[name]
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block))
    return {**scheme("light"), **found} if name != "light" else found


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_words_hold_a_contrast_of_4_5(name: str) -> None:
    colours = scheme(name)
    pairs = [(ink, ground) for ink in ("--ink", "--muted", "--accent") for ground in ("--paper", "--panel")]
    pairs += [(f"--{status}", f"--{status}-fill") for status in STATUSES]
    pairs += [("--ink", f"--{status}-fill") for status in STATUSES] + [("--quiet", "--empty-fill")]
    pairs += [("--ink", "--accent-soft"), ("--accent", "--accent-soft"), ("--on-accent", "--accent")]
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_edges_of_what_can_be_pressed_hold_3(name: str) -> None:
    colours = scheme(name)
    assert contrast(colours["--edge"], colours["--panel"]) >= 3
    assert contrast(colours["--accent"], colours["--panel"]) >= 3


def test_figures_are_drawn_in_the_pages_colours() -> None:
    light = scheme("light")
    assert {token: light[token] for token in PALETTE} == PALETTE
    assert len(set(PALETTE.values())) == len(PALETTE)


def test_vendored_files_are_those_that_were_published() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    for entry in manifest:
        assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
        assert entry["licence"]
    assert {entry["file"] for entry in manifest} | {"manifest.json"} == {path.name for path in VENDOR.iterdir()}


def test_plotly_in_the_browser_is_what_plotly_in_python_speaks() -> None:
    assert (VENDOR / f"plotly-{get_plotlyjs_version()}.min.js").exists()
    assert (
        json.loads((ROOT / "config/plotly/package.json").read_text())["dependencies"]["plotly.js"]
        == get_plotlyjs_version()
    )


def test_plotly_in_the_browser_knows_every_trace_that_is_drawn() -> None:
    registered = set(re.findall(r"plotly.js/lib/(\w+)", (ROOT / "config/plotly/traces.js").read_text())) | {"scatter"}
    drawn = {
        name.lower()
        for room in ("kpis", "initiatives", "scorecard")
        for path in (ROOT / room).rglob("*.py")
        for name in re.findall(r"\bgo\.([A-Z]\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert drawn - {"figure", "layout"} <= registered


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_templates_keep_to_the_policy_of_the_browser(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    of_a_page = "" if path.parent.name == "mail" else "|<style"  # a mail brings its own look: it may fetch none
    assert not re.search(rf"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|https?://{of_a_page}", text)
    if path.parent.name == "components":
        assert re.match(r"\{# .*Inputs: .* #\}\n", text)
