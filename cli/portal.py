"""Serve the pages: uvicorn with the portal's application, and the engine's bell."""

from __future__ import annotations

import uvicorn

from cli.bell import EngineBell
from config.logs import start_logging
from portal.app import create_app


def run_portal(host: str, port: int) -> None:
    """Serve the portal on `host` and `port` until the process is told to stop."""
    start_logging()
    uvicorn.run(
        create_app(bell=EngineBell()),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        # Behind a proxy the visitor's address is the proxy's to tell; we keep none.
        proxy_headers=False,
        server_header=False,
    )
