"""Many files as one: a .zip whose bytes depend on what is in it alone, and tables as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The day that every file in an archive bears: when it was packed says nothing."""
MANIFEST = "manifest.json"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows as CSV in UTF-8 that Excel opens; text that looks like a formula is quoted with '."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def json_of(value: Any) -> bytes:
    """Return plain values as JSON for people and machines."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def zipped(files: Mapping[str, bytes], about: Mapping[str, Any]) -> bytes:
    """Return files as a .zip with a manifest that holds `about` and the SHA-256 of each; same in, same out."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    everything = {**files, MANIFEST: json_of({**about, "sha256": hashes})}
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(everything.items()):
            info = ZipInfo(name, FIRST_DAY)
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, content)
    return target.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
