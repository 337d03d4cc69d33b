"""What each reader does with a mail: one function a kind of mail, each returning a word for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator import behaviour
from simulator.behaviour import SILENT, Dice, Taste
from simulator.forms import Form
from simulator.mailbox import Letter
from simulator.town import Errand, Town
from simulator.web import Browser, Page, PageError

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
        done = self.browser.send(page, form, **values)
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
    """Record who came: volunteers and participants, each as they turned up."""
    if visit.choose(behaviour.COORDINATOR) == SILENT:
        return SILENT
    page = visit.open("/t/")
    sheet = [form for form in page.forms() if any("-" in name for name in form.choices)]
    if not sheet:
        return "empty_sheet"
    marks = {}
    for place, name in enumerate(sheet[0].choices):
        table = behaviour.VOLUNTEER_CAME if name.startswith("offer-") else behaviour.PARTICIPANT_CAME
        if name.startswith(("offer-", "participation-")):
            marks[name] = visit.choose(table, place)
    visit.send(page, sheet[0], **marks)
    return "recorded"


def report(visit: Visit) -> str:
    """Read the report and release it, unless another manager was faster."""
    page = visit.open("/r/")
    if not any(form.action.endswith("/release") for form in page.forms()):
        return "found_released"
    visit.send(page, page.form(to="/release"))
    return "released"


DEEDS: dict[str, Callable[[Visit], str]] = {
    "offer": offer,
    "reminder": reminder,
    "consent": consent,
    "sign_up_confirmed": signed_up,
    "place_freed": place_freed,
    "assessment": assessment,
    "survey": survey,
    "attendance": attendance,
    "report_drafted": report,
}
"""By the kind that a mail carries in its header; mails of other kinds are read and put away."""
