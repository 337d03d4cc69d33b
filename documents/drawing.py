"""The marks of which charts are drawn, as SVG: places in points, words in our own font."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

WIDTH = 500.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 8.0, 8.0, 30.0
INK, MUTED, LINE = "#1D2421", "#545C57", "#DDD8CC"
QING, SHI = "#0B6655", "#9C3F0A"
BANDS = ("#ECE6DA", "#F4F0E7", "#E3EFEA", "#CBE3DA")
FONT = "Noto Sans CJK SC"


Place = tuple[float, float]


def svg(marks: Iterable[str], height: float) -> str:
    """Return marks as a whole drawing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" width="{WIDTH:g}" '
        f'height="{height:g}" font-family="{FONT}">{"".join(marks)}</svg>'
    )


def line(start: Place, end: Place, colour: str, width: float, dash: str = "") -> str:
    """Return a line, dashed where told."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{start[0]:.2f}" y1="{start[1]:.2f}" x2="{end[0]:.2f}" y2="{end[1]:.2f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return a filled rectangle."""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}"/>'


def dot(x: float, y: float, radius: float, colour: str) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:g}" fill="{colour}"/>'


def diamond(x: float, y: float) -> str:
    """Return the mark of what stands out, by shape and not by colour alone."""
    return f'<path d="M{x:.2f} {y - 4:.2f}l4 4l-4 4l-4-4z" fill="{SHI}"/>'


def text(x: float, y: float, words: str, size: float, anchor: str = "start") -> str:
    """Return words at a place."""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" fill="{INK}" text-anchor={quoteattr(anchor)}>'
        f"{escape(words)}</text>"
    )
