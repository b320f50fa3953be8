"""A cell of the grid of targets: a page has thousands, and a template would take half a second for them."""

from __future__ import annotations

from html import escape

from django import template
from django.utils.safestring import SafeString

from kpis.pages.grid import Field, ShownCell
from kpis.reading.comparisons import short_name

register = template.Library()


@register.simple_tag
def grid_cell(slot: ShownCell, before: str) -> SafeString:
    """The cell with its fields, what is wrong with it, what looks mistyped, and what stands beside it.

    ``before`` is the year whose actuals stand beside the cells.
    """
    look = f" {slot.css_class}" if slot.css_class else ""
    inner = "".join(_field(slot, one) for one in slot.fields)
    of = short_name(slot.cell.period)
    return SafeString(f'<td class="number{look}" data-label="{of}">{inner}{_said(slot)}{_beside(slot, before)}</td>')


def _field(slot: ShownCell, one: Field) -> str:
    written = _input(slot, one) if slot.cell.editable else _reading(slot, one)
    if not one.prefix:
        return written
    return f'<span class="field-line"><span aria-hidden="true">{one.prefix}</span>{written}</span>'


def _input(slot: ShownCell, one: Field) -> str:
    hint = f' placeholder="{escape(one.hint)}"' if one.hint else ""
    wrong = f' id="{one.name}" aria-invalid="true" aria-describedby="why-{slot.cell.name}"' if slot.problem else ""
    return (
        f'<input name="{one.name}" class="{one.word}" value="{escape(one.text)}" aria-label="{escape(one.label)}"'
        f' inputmode="decimal" autocomplete="off"{hint}{wrong}>'
    )


def _reading(slot: ShownCell, one: Field) -> str:
    held = " held" if one.hint and not slot.cell.standing else ""
    return f'<span class="value {one.word}{held}">{escape(one.hint) or "–"}</span>'


def _said(slot: ShownCell) -> str:
    wrong = f'<span class="errors" id="why-{slot.cell.name}">{escape(slot.problem)}</span>' if slot.problem else ""
    return wrong + (f'<span class="doubt">{escape(slot.doubts)}</span>' if slot.doubts else "")


def _beside(slot: ShownCell, before: str) -> str:
    if not slot.beside:
        return ""
    told = [f'<span class="understood">{escape(slot.understood)}</span>'] if slot.understood else []
    told += [f"<span>{escape(before)}: {escape(slot.last_year)}</span>"] if slot.last_year else []
    told += [f"<span>{escape(slot.cell.part)}</span>"] if slot.cell.part else []
    told += [f"<span>plan {escape(slot.plan)}</span>"] if slot.plan else []
    told += [f'<a href="{escape(slot.history)}">{escape(slot.state)}</a>'] if slot.history else []
    return f'<span class="beside">{"".join(told)}</span>'
