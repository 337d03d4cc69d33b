"""One log format for every process; lines carry codes and counts, never names or addresses."""

from __future__ import annotations

import logging

from config.settings import settings

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_logging(level: str | None = None) -> None:
    """Send log lines of this process to standard error."""
    logging.basicConfig(level=level or settings().log_level, format=FORMAT, force=True)
    for noisy in ("httpx", "httpcore", "apscheduler", "mail.log", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
