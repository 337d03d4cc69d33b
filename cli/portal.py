"""Serve the pages: uvicorn with the portal's application, and the engine's bell."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import uvicorn

from config.logs import start_logging
from config.settings import settings

if TYPE_CHECKING:
    from fastapi import FastAPI

SWITCH_SECONDS = 0.0005


def run_portal(host: str, port: int) -> None:
    """Serve the portal on `host` and `port` until the process is told to stop."""
    start_logging()
    uvicorn.run(
        "cli.portal:application",
        factory=True,
        host=host,
        port=port,
        workers=settings().portal_processes,
        log_config=None,
        access_log=False,
        # Behind a proxy the visitor's address is the proxy's to tell; we keep none.
        proxy_headers=False,
        server_header=False,
    )


def application() -> FastAPI:
    """Return the portal with the engine's bell, made in each of its processes."""
    # Imported here: with several processes the one that watches them stays small.
    from cli.bell import EngineBell
    from portal.app import create_app

    start_logging()
    # A page that holds the turn to write must not wait 5 ms whenever another thread computes.
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()  # what is imported stays; looking through it again and again costs a tenth of a page
    return create_app(bell=EngineBell(is_warm=not settings().is_demo))
