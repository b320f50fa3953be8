"""Names for customers that sound like companies and are none."""

from __future__ import annotations

from demo.dice import dice

_PLACES = (
    "Alder", "Amber", "Ash", "Bay", "Birk", "Black", "Bramble", "Brook", "Cedar", "Clear", "Copper", "Coral",
    "Crane", "Dale", "Deer", "East", "Elder", "Elm", "Fal", "Fen", "Fern", "Flint", "Fox", "Glen",
    "Grey", "Hart", "Hazel", "Heron", "High", "Holm", "Iron", "Juniper", "Kel", "Lark", "Lind", "Long",
    "Maple", "Marsh", "Mill", "Moor", "North", "Oak", "Otter", "Pine", "Quill", "Raven", "Reed", "Ros",
    "Rowan", "Silver", "Sorrel", "Stone", "Swan", "Thorn", "Tide", "Vale", "West", "Wick", "Willow", "Wren",
)  # fmt: skip
_ENDINGS = ("mere", "ford", "bridge", "wick", "stad", "haven", "berg", "field", "brook", "holt")
_TRADES = (
    "Laboratories", "Foods", "Chemicals", "Pharma", "Water", "Paper", "Steel", "Energy", "Brewing", "Diagnostics",
    "Materials", "Plastics", "Dairy", "Research", "Ceramics", "Coatings", "Optics", "Mining", "Biotech", "Textiles",
    "Glass", "Refining", "Environmental", "University", "Packaging",
)  # fmt: skip


def company_names(count: int) -> list[str]:
    """That many different names, in an order that looks like chance."""
    throw = dice("names")
    towns = [place + ending for place in _PLACES for ending in _ENDINGS]
    throw.shuffle(towns)
    return [f"{towns[n % len(towns)]} {throw.choice(_TRADES[n // len(towns) % 3 :: 3])}" for n in range(count)]
