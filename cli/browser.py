"""A Chromium without a window, spoken to over two pipes: pictures of pages, and answers to scripts.

The protocol is Chromium's own (DevTools, JSON ended by a zero byte), so no driver has to be installed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # we open only what we wrote ourselves, and containers have no user namespaces
    "--disable-gpu",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
# The browser reads commands at 3 and answers at 4, whatever numbers the pipes have here.
AT_3_AND_4 = 'exec "$@" 3</dev/fd/{commands} 4>/dev/fd/{answers}'
TALLEST = 12_000
REMOVALS = 50
LOADED = "new Promise(go => document.readyState === 'complete' ? go() : addEventListener('load', () => go()))"


class BrowserGone(Exception):  # noqa: N818 -- named after what it says
    """The browser stopped, or refused what it was asked."""


def find_browser() -> str | None:
    """Return the path of a Chromium of this machine, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page; use it in a `with` block."""

    def __init__(self, program: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="youthhub-browser-")
        self._process, self._commands, self._answers = _start(program, self._folder)
        self._count = 0
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._commands.close()
        self._process.terminate()
        self._process.wait()
        self._answers.close()
        with suppress(ProcessLookupError):  # its helpers may outlive it, and write to the folder
            os.killpg(self._process.pid, signal.SIGKILL)
        _remove(Path(self._folder))

    def open(self, url: str, *, width: int, height: int = 400, dark: bool = False) -> None:
        """Show a page of a window `width` CSS pixels wide, on a light or a dark device."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        self._ask("Page.navigate", url=url)
        self.evaluate(LOADED)

    def evaluate(self, script: str) -> Any:
        """Return what a script of one expression answers; a promise is waited for."""
        answer = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserGone(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """Return the whole page as PNG, however long it is."""
        width, height = self.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollHeight]"
        )
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST), "scale": 1}
        shot = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._count += 1
        question = {"id": self._count, "method": method, "params": params}
        if hasattr(self, "_session"):
            question["sessionId"] = self._session
        self._commands.write(json.dumps(question).encode() + b"\0")
        self._commands.flush()
        while (said := self._read()).get("id") != self._count:
            pass
        if "error" in said:
            raise BrowserGone(f"{method}: {said['error']['message']}")
        answer: dict[str, Any] = said["result"]
        return answer

    def _read(self) -> dict[str, Any]:
        pieces = []
        while (piece := self._answers.read(1)) not in (b"\0", b""):
            pieces.append(piece)
        if not piece:
            raise BrowserGone("the browser stopped")
        said: dict[str, Any] = json.loads(b"".join(pieces))
        return said


def _start(program: str, folder: str) -> tuple[subprocess.Popen[bytes], BinaryIO, BinaryIO]:
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    shell = AT_3_AND_4.format(commands=theirs_in, answers=theirs_out)
    process = subprocess.Popen(  # noqa: S603 -- a browser of this machine, with flags of our own
        ["/bin/sh", "-c", shell, "sh", program, *FLAGS, f"--user-data-dir={Path(folder)}"],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    return process, os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")


def _remove(folder: Path) -> None:
    for _ in range(REMOVALS):  # a helper that was just killed may still have made a file
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
