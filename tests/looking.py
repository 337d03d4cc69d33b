"""Tools that look at what we write: Chromium, axe-core, SpamAssassin; a test without one is skipped."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.browser import Browser, find_browser

AXE = (
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
ICAL_JS = (
    "ical.js",
    "2.2.1",
    "yK/UlPbEs316igb/tjRgbFA8ZV75rCsBJp/hWOatpyaPNlgw0dGDmU+FoicOcwX4xXkeXOkYiOmCqNPFpNPkQg==",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of this machine."""
    program = find_browser()
    if program is None:
        pytest.skip("no Chromium on this machine (apt install chromium)")
    with Browser(program) as one:
        yield one


def axe(cache: Path) -> str:
    """The script of axe-core: from YOUTHHUB_AXE, from `cache`, or fetched by npm and compared to its hash."""
    if given := os.environ.get("YOUTHHUB_AXE"):
        return Path(given).read_text(encoding="utf-8")
    return npm_file(cache, AXE, "package/axe.min.js").decode("utf-8")


def ical_js(cache: Path) -> Path:
    """The file of ical.js, a calendar library of other people in another language; needs node to run."""
    if shutil.which("node") is None:
        pytest.skip("no node on this machine, which ical.js runs in")
    script = cache / "ical.cjs"
    script.write_bytes(npm_file(cache, ICAL_JS, "package/dist/ical.es5.cjs"))
    return script


def npm_file(cache: Path, wanted: tuple[str, str, str], path: str) -> bytes:
    """A file of a package (name, version, SHA-512), kept in `cache`; skips where it cannot be had."""
    name, version, sha512 = wanted
    package = cache / f"{name}-{version}.tgz"
    if not package.exists():
        _fetch(cache, f"{name}@{version}")
    if base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode() != sha512:
        pytest.skip(f"{package} is not {name} {version} as its authors packed it")
    with tarfile.open(package) as content:
        found = content.extractfile(path)
        assert found is not None
        return found.read()


def _fetch(cache: Path, package: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no {package} on this machine, and no npm to fetch it")
    done = subprocess.run(
        [npm, "pack", "--silent", package], cwd=cache, capture_output=True, timeout=60, check=False
    )
    if done.returncode:
        pytest.skip(f"npm could not fetch {package}")


def violations(page: Browser, script: str, *, off: tuple[str, ...] = ()) -> list[str]:
    """What axe-core holds against the page that is open: rule, and the first element at fault."""
    rules = {name: {"enabled": False} for name in off}
    options = json.dumps({"runOnly": {"type": "tag", "values": WCAG}, "rules": rules})
    page.evaluate(f"{script}; 0")
    found = page.evaluate(
        f"axe.run(document, {options}).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
    )
    assert isinstance(found, list)
    return found
