"""Amounts of money as people type and read them, kept as whole fen; and for what money can be asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from config.text import Text

FEN = 100
MOST_FEN = 1_000_000_000
"""Ten million yuan; no project of a hub comes near, and the database holds twice as much."""
TYPED = re.compile(r"\d{1,12}(?:\.\d{1,2})?")

CATEGORIES: Mapping[str, Text] = {
    "venue": Text("场地", "room"),
    "materials": Text("物料", "materials"),
    "fees": Text("讲课和劳务", "fees for speakers and helpers"),
    "travel": Text("交通", "travel"),
    "meals": Text("餐饮", "meals"),
    "insurance": Text("保险", "insurance"),
    "printing": Text("印刷和宣传", "printing and publicity"),
    "equipment": Text("设备", "equipment"),
    "other": Text("其他", "other"),
}


def fen_of(typed: str) -> int | None:
    """Return an amount of yuan that somebody typed in fen; None for anything that is none, nought or too much."""
    value = unicodedata.normalize("NFKC", typed).strip().removeprefix("¥").removesuffix("元")
    value = value.replace(",", "").replace("，", "").strip()
    if not TYPED.fullmatch(value):
        return None
    fen = int(Decimal(value) * FEN)
    return fen if 0 < fen <= MOST_FEN else None


def plain_yuan(fen: int) -> str:
    """Return an amount as people type it: "12300" or "12300.50"."""
    whole, rest = divmod(abs(fen), FEN)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole}.{rest:02}" if rest else f"{sign}{whole}"


def money(fen: int) -> Text:
    """Return an amount as people read it: "12,300元" and "¥12,300"."""
    whole, rest = divmod(abs(fen), FEN)
    digits = f"{whole:,}.{rest:02}" if rest else f"{whole:,}"
    sign = "−" if fen < 0 else ""
    return Text(f"{sign}{digits}元", f"{sign}¥{digits}")
