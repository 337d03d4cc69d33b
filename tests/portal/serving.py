"""The portal behind a real server on a free port of this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from portal.app import create_app

DEADLINE_SECONDS = 120.0


@contextmanager
def served() -> Iterator[str]:
    """Serve until the block ends, and say at which address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()
