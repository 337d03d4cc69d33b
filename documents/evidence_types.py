"""What kind of file evidence is, told by its content and never by its name; what could run is refused."""

from __future__ import annotations

import re
import struct

from config.text import Refusal, Text

LARGEST = 10_000_000
"""Bytes of one file; a photo of a phone has a third of it."""
PNG, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
JPEG, JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
PDF, PDF_END = b"%PDF-", b"%%EOF"
TAIL = 1024
"""How far from its end a file may bear its closing mark; programs append a little."""
ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
MOST_PIXELS = 100_000_000
HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
NO_HEIC = Text(
    "HEIC照片里有拍摄地点，我们去不掉，所以不收。手机设置里把相机格式改成“兼容性最佳”，或者另存为JPG再传。",
    "HEIC photos say where they were taken, which we cannot remove, so they are not taken. Set the camera to "
    "“Most compatible”, or save the photo as JPG, and send that.",
)
TAKEN = Text(
    "只收PDF、JPG、PNG，每个不超过10MB。",
    "Only PDF, JPG and PNG are taken, each at most 10 MB.",
)


def kind_of(content: bytes) -> str | Refusal:
    """Return `pdf`, `png` or `jpg`, or why the file is not taken."""
    if not content:
        return _refusal("empty", Text("这个文件是空的。", "This file is empty."))
    if len(content) > LARGEST:
        return _refusal("too_large", TAKEN)
    if content.startswith(PNG):
        return "png" if _is_whole_png(content) else _broken()
    if content.startswith(JPEG):
        return "jpg" if JPEG_END in content[-TAIL:] else _broken()
    if content.startswith(PDF):
        return _pdf(content)
    is_heic = content[4:8] == b"ftyp" and content[8:12] in HEIC
    return _refusal("wrong_type", NO_HEIC if is_heic else TAKEN)


def _is_whole_png(content: bytes) -> bool:
    if content[12:16] != b"IHDR" or PNG_END not in content[-TAIL:]:
        return False
    width, height = struct.unpack(">II", content[16:24])
    return bool(0 < width * height <= MOST_PIXELS)


def _pdf(content: bytes) -> str | Refusal:
    if PDF_END not in content[-TAIL:]:
        return _broken()
    if ACTIVE.search(content):
        return _refusal(
            "active_content",
            Text(
                "这个PDF里有脚本或附件，不收。打印成新的PDF再传。",
                "This PDF holds scripts or attachments and is not taken. Print it to a new PDF and send that.",
            ),
        )
    return "pdf"


def _broken() -> Refusal:
    return _refusal(
        "broken_file", Text("这个文件不完整，重新导出再传。", "This file is incomplete; export it again.")
    )


def _refusal(code: str, sentence: Text) -> Refusal:
    return Refusal(code, sentence, "evidence")
