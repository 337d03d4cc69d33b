"""Photos without what their camera noted: place, time, owner and preview go, every pixel stays as it is.

Only what draws the picture is kept: of a JPEG its tables and scans, its colour profile and which way is up; of a PNG
its picture and colours. Photos within a PDF have what their camera noted blanked where it stands.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from config.text import Refusal, Text

SOI, SOS, EOI, APP0, APP1, APP2, APP14, COM, RST0 = 0xD8, 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE, 0xD0
MARK, STUFFED, RESTARTS = 0xFF, 0, 8
NOTES = frozenset({*range(APP0, APP0 + 16), COM})
"""Segments that hold notes of programs; of these only what colours depend on is kept."""
EXIF = b"Exif\0\0"
ORIENTATION, WAYS_UP = 0x0112, range(2, 9)
PNG_HEAD = 8
PNG_KEPT = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP"),
        *(b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT"),
    }
)
EXIF_IN_PDF = re.compile(rb"\xff\xe1(?s:(..))Exif\0\0")
BROKEN = Refusal(
    "broken_file",
    Text(
        "这张照片读不完整，去不掉里面的拍摄地点和时间，所以不收。重新导出成JPG再传。",
        "This photo cannot be read to its end, so the place and time within it cannot be removed, and it is not "
        "taken. Export it as JPG again and send that.",
    ),
    "evidence",
)


def without_traces(content: bytes, kind: str) -> bytes | Refusal:
    """Return a file of evidence without place, time and owner, or why they cannot be removed."""
    try:
        if kind == "jpg":
            return b"".join(_jpeg(content))
        if kind == "png":
            return content[:PNG_HEAD] + b"".join(_png(content))
    except (IndexError, struct.error):
        return BROKEN
    return _pdf(content)


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Give the segments that are kept, and stop at the picture's end: phones append a second one, or a film."""
    yield content[:2]
    place, way_up = 2, b""
    while (marker := _marker(content, place)) != EOI:
        (length,) = struct.unpack_from(">H", content, place + 2)
        end = place + 2 + length
        segment = content[place:end]
        if length < 2 or len(segment) < length + 2:  # noqa: PLR2004 -- a length counts its own two bytes
            raise IndexError
        if marker == APP1 and not way_up:
            way_up = _way_up(segment)
            yield way_up
        elif marker not in NOTES or _is_for_colours(marker, segment):
            yield segment
        if marker == SOS:
            place, end = end, _end_of_scan(content, end)
            yield content[place:end]
        place = end
    yield content[place : place + 2]


def _marker(content: bytes, place: int) -> int:
    if content[place] != MARK:
        raise IndexError
    return content[place + 1]


def _end_of_scan(content: bytes, place: int) -> int:
    while True:
        place = content.find(bytes([MARK]), place)
        if place < 0:
            raise IndexError
        after = content[place + 1]
        if after not in {STUFFED, MARK} and not RST0 <= after < RST0 + RESTARTS:
            return place
        place += 1 if after == MARK else 2


def _is_for_colours(marker: int, segment: bytes) -> bool:
    body = segment[4:]
    if marker == APP0:
        return body.startswith(b"JFIF\0")
    if marker == APP2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker == APP14 and body.startswith(b"Adobe")


def _way_up(segment: bytes) -> bytes:
    """Return a segment that says nothing but which way is up, or nothing where it is as it lies."""
    tiff = segment[4 + len(EXIF) :]
    if not segment[4:].startswith(EXIF) or tiff[:2] not in {b"II", b"MM"}:
        return b""
    order = "<" if tiff[:2] == b"II" else ">"
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        entries = (struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * n) for n in range(count))
        value = next((value for tag, _, _, value in entries if tag == ORIENTATION), 1)
    except struct.error:
        return b""  # notes that nobody can read go as a whole
    if value not in WAYS_UP:
        return b""
    only = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, value, 0, 0)
    return struct.pack(">BBH", MARK, APP1, 2 + len(EXIF) + len(only)) + EXIF + only


def _png(content: bytes) -> Iterator[bytes]:
    place = PNG_HEAD
    while True:
        (length,) = struct.unpack_from(">I", content, place)
        kind, end = content[place + 4 : place + 8], place + 12 + length
        if end > len(content):
            raise IndexError
        if kind in PNG_KEPT:
            yield content[place:end]
        if kind == b"IEND":
            return
        place = end


def _pdf(content: bytes) -> bytes:
    cleaned = bytearray(content)
    for found in EXIF_IN_PDF.finditer(content):
        (length,) = struct.unpack(">H", found[1])
        end = min(found.start() + 2 + length, len(content))
        cleaned[found.end() : end] = bytes(max(end - found.end(), 0))
    return bytes(cleaned)
