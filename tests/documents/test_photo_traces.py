"""Photos are kept without place, time and owner, and with every pixel; what cannot be cleaned is refused."""

from __future__ import annotations

import struct
import zlib

import pytest

from config.text import Refusal
from documents.photo_traces import without_traces

GPS = b"39.9042N 116.4074E 2026:11:25 10:00:00"


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def exif(order: str, orientation: int) -> bytes:
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    entries = struct.pack(f"{order}HHHIHH", 2, 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(f"{order}HHII", 0x8825, 4, 1, 60)
    return b"Exif\0\0" + head + entries + b"\0\0\0\0" + GPS


TABLES = segment(0xDB, b"\0" + b"\x01" * 64) + segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
COLOURS = segment(0xE2, b"ICC_PROFILE\0\x01\x01 a profile")
JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_of_a_phone_loses_place_and_time_and_stays_upright(order) -> None:
    notes = segment(0xE1, exif(order, 6)) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + GPS)
    notes += segment(0xED, b"Photoshop 3.0\0" + GPS) + segment(0xFE, GPS) + segment(0xE2, b"MPF\0" + GPS)
    film = b"\0\0\0\x18ftypmp42" + GPS + b"\xff\xd9"
    photo = b"\xff\xd8" + notes + JFIF + COLOURS + TABLES + SCAN + TABLES + SCAN + b"\xff\xd9" + film
    way_up = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    kept = segment(0xE1, way_up) + JFIF + COLOURS + TABLES + SCAN + TABLES + SCAN
    assert without_traces(photo, "jpg") == b"\xff\xd8" + kept + b"\xff\xd9"


def test_a_clean_photo_stays_as_it_is() -> None:
    photo = b"\xff\xd8" + JFIF + TABLES + SCAN + b"\xff\xd9"
    assert without_traces(photo, "jpg") == photo


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_png_loses_its_notes_and_what_hangs_behind_it() -> None:
    head, picture = chunk(b"IHDR", b"\0" * 13), chunk(b"IDAT", b"pixels")
    notes = [chunk(kind, GPS) for kind in (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"prVt")]
    start, end = b"\x89PNG\r\n\x1a\n", chunk(b"IEND", b"")
    assert without_traces(start + head + b"".join(notes) + picture + end + GPS, "png") == (
        start + head + picture + end
    )


def test_photos_within_a_pdf_are_blanked_where_they_stand() -> None:
    notes = exif("<", 6)
    pdf = b"%PDF-1.7\nstream\n\xff\xd8" + segment(0xE1, notes) + TABLES + b"\nendstream\n%%EOF\n"
    cleaned = without_traces(pdf, "pdf")
    blank = segment(0xE1, b"Exif\0\0" + bytes(len(notes) - 6))
    assert cleaned == b"%PDF-1.7\nstream\n\xff\xd8" + blank + TABLES + b"\nendstream\n%%EOF\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe1\xff\xff" + GPS + b"\xff\xd9", "jpg"),
        (b"\xff\xd8" + JFIF + TABLES + SCAN, "jpg"),
        (b"\xff\xd8" + JFIF + b"\0\0\0\xff\xd9", "jpg"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + b"\0\0\xff\xffIDAT", "png"),
    ],
)
def test_what_cannot_be_cleaned_is_refused(content, kind) -> None:
    refused = without_traces(content, kind)
    assert isinstance(refused, Refusal)
    assert "place and time" in refused.sentence.en
