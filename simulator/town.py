"""The town: everybody's errands, done by a few threads, each group of errands in its order."""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPException

from simulator.behaviour import Dice
from simulator.forms import links_of
from simulator.web import Browser, PageError

HUB_LINK = re.compile(r"^(?:https?://[^/]+)?/hubs/([^/?#]+)(?:\?[^#]*)?$")
Deed = Callable[[Browser], str]
"""Does something on the web and returns a word for what was done."""


@dataclass(frozen=True)
class Errand:
    """Something to do; errands of one group are done one after the other, in order."""

    group: str
    deed: Deed


@dataclass
class Town:
    """Who lives by this seed, at this portal."""

    base_url: str
    dice: Dice
    threads: int = 4
    today: date = field(default_factory=date.today)
    hubs: list[str] = field(default_factory=list)
    """Codes of all hubs, as the public list gives them."""

    def __post_init__(self) -> None:
        self._browsers = threading.local()
        self._all_browsers: list[Browser] = []
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="town")
        self._codes: dict[str, str] = {}
        self._names: re.Pattern[str] | None = None

    @property
    def requests(self) -> int:
        """Return how many pages were fetched and forms were sent so far."""
        return sum(browser.requests for browser in self._all_browsers)

    def learn_hubs(self) -> None:
        """Read the public list of hubs once, in both languages, for people write in either."""
        if self.hubs:
            return
        for language in ("zh-Hans", "en"):
            for href, words in links_of(self._browser().get(f"/hubs?lang={language}").text):
                if (match := HUB_LINK.match(href)) and words:
                    self._codes.setdefault(words, match.group(1))
        self.hubs = sorted(set(self._codes.values()))
        # The longest name first: one hub's name may begin another's.
        names = sorted(self._codes, key=len, reverse=True)
        self._names = re.compile("|".join(map(re.escape, names))) if names else None

    def hub_in(self, text: str) -> str:
        """Return the code of the first hub whose name a text mentions, or nothing."""
        match = self._names.search(text) if self._names else None
        return self._codes[match.group()] if match else ""

    def run(self, errands: Iterable[Errand]) -> Counter[str]:
        """Do all errands and count the words for what was done."""
        groups: dict[str, list[Deed]] = defaultdict(list)
        for errand in errands:
            groups[errand.group].append(errand.deed)
        return sum(self._pool.map(self._run_group, groups.values()), Counter())

    def close(self) -> None:
        """Close every connection."""
        self._pool.shutdown()
        for browser in self._all_browsers:
            browser.close()

    def _run_group(self, deeds: list[Deed]) -> Counter[str]:
        return Counter(self._do(deed) for deed in deeds)

    def _do(self, deed: Deed) -> str:
        browser = self._browser()
        try:
            return deed(browser)
        except PageError as error:
            return f"failed: {error}"
        except (HTTPException, OSError) as error:
            return f"failed: {type(error).__name__}"
        finally:
            # Everybody comes with a device of their own. A connection that stays belongs to one of the
            # portal's processes for good: four of them would keep one busy and leave the others idle.
            browser.close()

    def _browser(self) -> Browser:
        browser: Browser | None = getattr(self._browsers, "mine", None)
        if browser is None:
            browser = self._browsers.mine = Browser(self.base_url)
            self._all_browsers.append(browser)
        return browser
