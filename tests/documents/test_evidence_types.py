"""What is evidence: told by content, never by name; nothing broken, nothing that runs."""

from __future__ import annotations

import struct
import zlib

import pytest

from documents.evidence_types import LARGEST, kind_of


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0\0\0" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 9 + b"\xff\xd9"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize(("content", "kind"), [(png(), "png"), (JPG, "jpg"), (PDF, "pdf")])
def test_a_whole_file_is_known_by_its_content(content, kind) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"MZ\x90\0 a program", "wrong_type"),
        (b"<html><script>alert(1)</script></html>", "wrong_type"),
        (b"PK\x03\x04 an office file", "wrong_type"),
        (b"\0\0\0\x18ftypheic a photo", "wrong_type"),
        (png()[:-8], "broken_file"),
        (png(40_000, 40_000), "broken_file"),
        (JPG[:-2], "broken_file"),
        (PDF[:-7], "broken_file"),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(x)>>"), "active_content"),
        (PDF.replace(b"/Catalog", b"/Catalog/EmbeddedFile"), "active_content"),
        (PDF + b"\0" * LARGEST, "too_large"),
    ],
)
def test_anything_else_is_refused_with_its_reason_in_both_languages(content, code) -> None:
    refusal = kind_of(content)
    assert not isinstance(refusal, str)
    assert (refusal.code, refusal.field) == (code, "evidence")
    assert refusal.sentence.zh
    assert refusal.sentence.en
