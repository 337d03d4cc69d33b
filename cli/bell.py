"""The bell that pages and the clock hold: it rings from a thread of its own, so nobody waits for it."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from queue import Full, Queue

MOST_BELLS = 100
logger = logging.getLogger(__name__)


class EngineBell:
    """Rings for workers of the engine; a bell that is lost is made good by looking at rows."""

    def __init__(self, *, is_warm: bool = True) -> None:
        """Get ready to ring; a warm bell loads the engine's client (40 MB, two seconds) ahead."""
        self._is_warm = is_warm
        self._queue: Queue[int] = Queue(MOST_BELLS)
        threading.Thread(target=self._listen, name="bell", daemon=True).start()

    def ring(self, dispatch_id: int) -> None:
        """Ring for a row soon; with too many bells waiting already, leave the row to the clock."""
        with suppress(Full):
            self._queue.put_nowait(dispatch_id)

    def _listen(self) -> None:
        # Imported here: the engine's client takes two seconds, and pages answer meanwhile.
        first = None if self._is_warm else self._queue.get()
        from flows.bell import knock

        while True:
            dispatch_id = self._queue.get() if first is None else first
            first = None
            try:
                knock(dispatch_id)
            except Exception as error:  # noqa: BLE001 -- whatever broke, the row is found by looking
                logger.warning("bell of dispatch %d was not heard: %s", dispatch_id, type(error).__name__)
