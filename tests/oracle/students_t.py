"""How likely a correlation is by chance: Student's distribution, by adding up its area in small steps."""

from __future__ import annotations

import math

STEPS = 1000  # of Simpson's rule; the area is right to twelve places from two degrees of freedom on


def upper_tail(r: float, freedom: float) -> float:
    """The probability of t = r √(freedom ÷ (1 − r²)) or more, where nothing is there.

    With t = √freedom · tan φ the density is that of cos φ to the power of freedom − 1, and sin φ is r itself.
    """
    end = math.asin(r)
    width = end / STEPS
    heights = [math.pow(math.cos(step * width), freedom - 1) for step in range(STEPS + 1)]
    area = (heights[0] + heights[-1] + 4 * sum(heights[1:-1:2]) + 2 * sum(heights[2:-1:2])) * width / 3
    whole = math.sqrt(math.pi) * math.exp(math.lgamma(freedom / 2) - math.lgamma((freedom + 1) / 2))
    return max(0.5 - area / whole, 0.0)


def r_at(p: float, freedom: float) -> float:
    """The correlation that is that likely by chance: halved until it is found."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if upper_tail(middle, freedom) > p:
            low = middle
        else:
            high = middle
    return (low + high) / 2
