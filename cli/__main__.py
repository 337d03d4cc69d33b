"""`python -m cli` is `youthhub`, for processes that start another one with the same Python."""

from __future__ import annotations

from cli.main import run

if __name__ == "__main__":
    run()
