"""Light or dark, as a browser's owner likes it: kept in a cookie that says nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from config.settings import settings
from portal.forms import Posted
from portal.pages import LOOK, LOOKS, PRIVATE

router = APIRouter()
A_YEAR = 365 * 24 * 3600


@router.post("/look")
def choose(form: Posted) -> Response:
    """Keep a look, or with an empty one follow the device again, and lead back to the page."""
    answer = RedirectResponse(_own_path(form.get("back")), 303, PRIVATE)
    if form.get("look") in LOOKS:
        is_safe = settings().portal_url.startswith("https:")
        answer.set_cookie(
            LOOK, form.get("look"), max_age=A_YEAR, secure=is_safe, httponly=True, samesite="lax"
        )
    else:
        answer.delete_cookie(LOOK)
    return answer


def _own_path(back: str) -> str:
    """Return a path of ours; whatever could lead elsewhere leads home."""
    parts = urlsplit(back)
    is_ours = not parts.scheme and not parts.netloc and back.startswith("/") and "\\" not in back
    return back if is_ours and not back.startswith("//") and back.isprintable() else "/"
