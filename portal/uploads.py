"""A file that a form sends: one, with a limit that is known before anything is read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from config.text import Refusal
from documents.evidence_types import LARGEST, TAKEN
from portal.forms import Form
from services.errors import HubError
from services.evidence_store import Given
from services.framework_uploads import LARGEST as LARGEST_FRAMEWORK
from services.framework_uploads import TOO_LARGE as FRAMEWORK_TOO_LARGE

AROUND = 20_000
"""Bytes that a form may have beside its file."""
TOO_LARGE = Refusal("too_large", TAKEN, "evidence")
NO_FILE = Given("", b"")


async def _read_framework(request: Request) -> Given:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_FRAMEWORK + AROUND:
        raise HubError(FRAMEWORK_TOO_LARGE)
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            sent = form.get("file")
            return Given(sent.filename or "", await sent.read()) if isinstance(sent, UploadFile) else NO_FILE
    except HTTPException as error:  # not a form of ours at all
        raise HubError(FRAMEWORK_TOO_LARGE) from error


async def _read(request: Request) -> tuple[str, Given]:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST + AROUND:
        raise HubError(TOO_LARGE)
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            sent, indicator = form.get("evidence"), form.get("indicator")
            chosen = indicator if isinstance(indicator, str) else ""
            if not isinstance(sent, UploadFile):
                return chosen, NO_FILE
            return chosen, Given(sent.filename or "", await sent.read())
    except HTTPException as error:  # not a form of ours at all
        raise HubError(TOO_LARGE) from error


async def _read_beside(request: Request) -> tuple[Form, Given]:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST + AROUND:
        raise HubError(TOO_LARGE)
    try:
        async with request.form(max_files=1, max_fields=12) as form:
            fields = {name: [word.replace("\0", "")] for name, word in form.items() if isinstance(word, str)}
            sent = form.get("evidence")
            given = NO_FILE
            if isinstance(sent, UploadFile):
                given = Given(sent.filename or "", await sent.read())
            return Form(fields), given
    except HTTPException as error:  # not a form of ours at all
        raise HubError(TOO_LARGE) from error


WithFile = Annotated[tuple[Form, Given], Depends(_read_beside)]
"""What a form sent, and the file beside it."""
Uploaded = Annotated[tuple[str, Given], Depends(_read)]
"""The criterion that was chosen, and the file beside it."""
SentFramework = Annotated[Given, Depends(_read_framework)]
