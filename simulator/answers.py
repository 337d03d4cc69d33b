"""What each reader does with a mail: one function a kind of mail, each returning a word for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator import behaviour
from simulator.behaviour import SILENT, Dice, Taste
from simulator.forms import Form, links_of
from simulator.mailbox import Letter
from simulator.town import Errand, Town
from simulator.web import Browser, Page, PageError

CHECK_LINK = re.compile(r"/checks/\d+(\?|$)")
NOT_RATED = frozenset({"conflict", "refuse"})
"""Choices of a rating form that are no rating."""


@dataclass(frozen=True)
class Visit:
    """A reader with a letter in hand, at a browser."""

    letter: Letter
    town: Town
    browser: Browser

    @property
    def dice(self) -> Dice:
        """Return the town's dice."""
        return self.town.dice

    def choose(self, table: dict[str, float], *facts: object) -> str:
        """Roll for this letter."""
        return self.dice.choose(table, *self.letter.facts, *facts)

    def open(self, prefix: str) -> Page:
        """Follow the letter's link."""
        url = self.letter.link(prefix)
        if url is None:
            raise PageError(f"no {prefix} link in a mail of kind {self.letter.kind}")
        return self.browser.get(url)

    def send(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form, and fail unless the portal did what was asked."""
        return self.require(self.browser.send(page, form, **values))

    def require(self, done: Page) -> Page:
        """Fail unless the portal did what was asked."""
        if not done.is_done:
            raise PageError(f"{self.letter.kind}: POST answered {done.status}")
        return done


def errand(letter: Letter, town: Town) -> Errand:
    """Return what the reader of `letter` sets out to do.

    Letters with one subject are about one thing: their errands keep their order, so that who gets
    the last place does not depend on threads.
    """
    deed = DEEDS[letter.kind]
    return Errand(letter.subject, lambda browser: f"{letter.kind}.{deed(Visit(letter, town, browser))}")


def offer(visit: Visit) -> str:
    """Say yes, say no, or stay silent; stand by when the last place is gone."""
    answer = visit.choose(behaviour.OFFER)
    if answer == SILENT:
        return SILENT
    page = visit.open("/o/")
    form = page.form(sends="answer")
    if not form.offers("answer", answer):
        return "too_late"
    done = visit.send(page, form, answer=answer, **_reason(visit, form, answer))
    return _stand_by(visit, visit.browser.follow(done)) if answer == "yes" else answer


def _reason(visit: Visit, form: Form, answer: str) -> dict[str, str]:
    if answer != "no" or "reason" not in form.names:
        return {}
    known = [value for value in form.choices.get("reason", ()) if value]
    return (
        {"reason": known[visit.dice.whole(0, len(known) - 1, "reason", *visit.letter.facts)]} if known else {}
    )


def _stand_by(visit: Visit, page: Page) -> str:
    try:
        form = page.form(sends="answer")
    except PageError:
        return "yes"
    if not form.offers("answer", "standby"):
        return "yes"
    if visit.choose(behaviour.STANDBY, "standby") == SILENT:
        return "place_gone"
    visit.send(page, form, answer="standby")
    return "standby"


def reminder(visit: Visit) -> str:
    """Find, rarely, that it does not suit after all."""
    return _tap(visit, behaviour.REMINDED_VOLUNTEER, "/o/")


def consent(visit: Visit) -> str:
    """Answer for a minor."""
    return _tap(visit, behaviour.GUARDIAN, "/g/")


def signed_up(visit: Visit) -> str:
    """Give the place back, rarely."""
    return _tap(visit, behaviour.SIGNED_UP, "/p/")


def place_freed(visit: Visit) -> str:
    """Take the place that has become free."""
    return _tap(visit, behaviour.PLACE_FREED, "/p/")


def _tap(visit: Visit, table: dict[str, float], prefix: str) -> str:
    answer = visit.choose(table)
    if answer == SILENT:
        return SILENT
    page = visit.open(prefix)
    form = page.form(sends="answer")
    if not form.offers("answer", answer):
        return "too_late"
    visit.send(page, form, answer=answer)
    return answer


def assessment(visit: Visit) -> str:
    """Score a hub by the rubric, or declare a conflict of interest."""
    deed = visit.choose(behaviour.ASSESSOR)
    if deed == SILENT:
        return SILENT
    page = visit.open("/a/")
    if deed == "conflict":
        visit.send(page, page.form(sends="conflict"), conflict="1")
    else:
        form = _rating_form(page)
        visit.send(page, form, **_ratings(visit, page, form, behaviour.ASSESSOR_TASTE))
    return deed


def survey(visit: Visit) -> str:
    """Answer the survey, refuse it, or stay silent."""
    deed = visit.choose(behaviour.RESIDENT)
    if deed == SILENT:
        return SILENT
    page = visit.open("/s/")
    if deed == "refuse":
        visit.send(page, page.form(sends="refuse"), refuse="1")
    else:
        form = _rating_form(page)
        visit.send(page, form, **_ratings(visit, page, form, behaviour.RESIDENT_TASTE))
    return deed


def _rating_form(page: Page) -> Form:
    forms = [form for form in page.forms() if _levels(form)]
    if not forms:
        raise PageError("nothing to rate on the page")
    return max(forms, key=lambda form: len(_levels(form)))


def _levels(form: Form) -> dict[str, list[str]]:
    rated = {}
    for name, values in form.choices.items():
        numbers = sorted({value for value in values if value.isdigit()}, key=int)
        if name not in NOT_RATED and len(numbers) > 1:
            rated[name] = numbers
    return rated


def _ratings(visit: Visit, page: Page, form: Form, taste: Taste) -> dict[str, str]:
    hub = (
        visit.town.hub_in(visit.letter.subject)
        or visit.town.hub_in(visit.letter.text)
        or visit.town.hub_in(page.text)
    )
    ratings = {}
    for item, levels in _levels(form).items():
        may_skip = "" in form.choices[item]
        if may_skip and visit.choose(behaviour.RESIDENT_ITEM, item) == "skip":
            continue
        level = visit.dice.rating(taste, len(levels), hub=hub, person=visit.letter.to, item=item)
        ratings[item] = levels[level]
    return ratings


def attendance(visit: Visit) -> str:
    """Record who came, each as they turned up, unless a colleague was faster."""
    if visit.choose(behaviour.COORDINATOR) == SILENT:
        return SILENT
    page = visit.open("/t/")
    sheet = [form for form in page.forms() if any("-" in name for name in form.choices)]
    if not sheet:
        return "empty_sheet"
    if "reason" in sheet[0].names:  # it is asked for where something stands on record
        return "found_recorded"
    marks = {}
    for place, name in enumerate(sheet[0].choices):
        table = behaviour.VOLUNTEER_CAME if name.startswith("offer-") else behaviour.PARTICIPANT_CAME
        if name.startswith(("offer-", "participation-")):
            marks[name] = visit.choose(table, place)
    done = visit.browser.send(page, sheet[0], **marks)
    if not done.is_done and any("reason" in form.names for form in done.forms()):
        return "found_recorded"  # a colleague wrote while we read
    visit.require(done)
    return "recorded"


def report(visit: Visit) -> str:
    """Read the report and release it, unless another manager was faster."""
    page = visit.open("/r/")
    if not any(form.action.endswith("/release") for form in page.forms()):
        return "found_released"
    visit.send(page, page.form(to="/release"))
    return "released"


def hub_notice(visit: Visit) -> str:
    """Answer the questions of a risk check, where the hub is asked to; other notices are only read."""
    if not (visit.letter.link("/h/") or "").endswith("/check"):
        return "read"
    page = visit.open("/h/")
    forms = [form for form in page.forms() if "note" in form.names]
    if not forms:
        return "nothing_to_answer"
    visit.send(page, forms[0], **{name: values[0] for name, values in forms[0].choices.items()})
    return "checked"


def decisions(visit: Visit) -> str:
    """Agree to every risk check that waits; other decisions are left for another day."""
    desk = visit.open("/b/")
    checks = [href for href, _ in links_of(desk.text) if CHECK_LINK.search(href)]
    for href in checks:
        page = visit.browser.get(href)
        form = page.form(sends="deed")
        visit.send(page, form, deed="clear")
    return "agreed" if checks else "read"


def news(visit: Visit) -> str:
    """Do what each piece of a mail with several asks for, as if it had come alone."""
    deeds = {"/t/": attendance, "/h/": hub_notice, "/b/": decisions, "/r/": report}
    done = [
        deed(Visit(piece, visit.town, visit.browser))
        for piece in visit.letter.pieces()
        for prefix, deed in deeds.items()
        if piece.link(prefix)
    ]
    return "acted" if set(done) - {SILENT, "read"} else "read"


DEEDS: dict[str, Callable[[Visit], str]] = {
    "news": news,
    "offer": offer,
    "reminder": reminder,
    "consent": consent,
    "sign_up_confirmed": signed_up,
    "place_freed": place_freed,
    "assessment": assessment,
    "survey": survey,
    "attendance": attendance,
    "report_drafted": report,
    "hub_notice": hub_notice,
    "decisions": decisions,
}
"""By the kind that a mail carries in its header; mails of other kinds are read and put away."""
