"""A plot of lines over logarithmic axes, as SVG."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 420, 70, 20, 250, 50
COLOURS = ("#0f62a5", "#b5480a", "#2e7d32", "#8a3ffc", "#a11d4b", "#5c5c5c")

Points = Sequence[tuple[float, float]]


def log_plot(lines: Mapping[str, Points], *, x_label: str, y_label: str, dashed: Sequence[str] = ()) -> str:
    """Return an SVG of the lines; names with the same words before a comma have one colour, `dashed` ones dashes."""
    xs = [math.log10(x) for points in lines.values() for x, _y in points]
    ys = [math.log10(y) for points in lines.values() for _x, y in points]
    low, high = math.floor(min(ys)), math.ceil(max(ys))
    left, right = min(xs), max(xs)

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT)
        return across, TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><g font-family="sans-serif" font-size="12" fill="#222">',
    ]
    for power in range(low, high + 1):
        _x, y = place(left, power)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_number(10.0**power)}</text>')
    for power in range(round(left), round(right) + 1):
        x, _y = place(power, low)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_number(10.0**power)}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>')
    parts.append(
        f'<text transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
    )
    pages = list(dict.fromkeys(name.rpartition(": ")[2] for name in lines))
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[pages.index(name.rpartition(": ")[2]) % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if name in dashed else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(math.log10(a), math.log10(b)) for a, b in points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        y = TOP + 14 + number * 20
        start = WIDTH - RIGHT + 14
        parts.append(f'<path d="M{start} {y - 4}h26" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<text x="{start + 32}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</g></svg>", ""])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
