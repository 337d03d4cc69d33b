"""Python's search for cycles of garbage, put to rest while much is read that holds none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python from looking for cycles in the block: rows and cells make none, however many there are.

    Looking through them again and again takes a quarter of an import and half of reading a district.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
