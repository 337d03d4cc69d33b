"""Files that a page gives: made for one reader, never stored on the way, named so that they can be told apart."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

from config.text import Language
from documents.papers import as_pdf
from portal.pages import PRIVATE
from services.errors import HubError
from services.report_paper import ReportPaper

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
KINDS = {"pdf": PDF, "png": "image/png", "jpg": "image/jpeg"}


def download(content: bytes, name: str, media_type: str) -> Response:
    """Return a file; a Chinese name survives every browser."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={**PRIVATE, "Content-Disposition": disposition})


def pdf(found: ReportPaper, language: Language) -> Response:
    """Return a paper as a PDF; raises `HubError` with every character that cannot be printed."""
    document = as_pdf(found.paper, language)
    if document.refusals:
        raise HubError(list(document.refusals))
    return download(document.pdf, f"{found.file_name}.pdf", PDF)


def xlsx(found: ReportPaper, language: Language) -> Response:
    """Return a paper as a workbook."""
    from documents.paper_workbook import as_workbook  # noqa: PLC0415 -- few take a workbook home, all would pay

    return download(as_workbook(found.paper, language), f"{found.file_name}.xlsx", XLSX)
