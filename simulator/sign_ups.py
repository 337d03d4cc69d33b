"""Young people browse the public programmes of the hubs and sign up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import count

from simulator.behaviour import SIGN_UPS_MEAN, SIGN_UPS_SPREAD
from simulator.forms import links_of
from simulator.people import YoungPerson, young_person
from simulator.town import Errand, Town
from simulator.web import Browser

SIGN_UP_LINK = re.compile(r"^(?:https?://[^/]+)?/activities/([^/?#]+)/sign-up(?:[?#].*)?$")


def programme_errands(town: Town, found: dict[str, list[str]]) -> list[Errand]:
    """Return a visit to the programme of every hub; `found` gets its activities' codes."""
    return [Errand(code, partial(_read_programme, code=code, found=found)) for code in town.hubs]


def _read_programme(browser: Browser, *, code: str, found: dict[str, list[str]]) -> str:
    links = links_of(browser.get(f"/hubs/{code}").text)
    codes = [match.group(1) for href, _ in links if (match := SIGN_UP_LINK.match(href))]
    found[code] = list(dict.fromkeys(codes))
    return "programme.read"


def sign_up_errands(town: Town, found: dict[str, list[str]], share: float) -> list[Errand]:
    """Return everybody's sign-ups; who comes to which activity is settled by its code alone."""
    return [
        Errand(activity, partial(_sign_up, activity=activity, person=person))
        for hub in sorted(found)
        for activity, person in _demand(town, hub, found[hub], share)
    ]


def _demand(town: Town, hub: str, activities: list[str], share: float) -> Iterator[tuple[str, YoungPerson]]:
    # Numbers run on over the activities of a hub: nobody has to be in two places at once.
    numbers = count(1)
    for activity in activities:
        wanted = SIGN_UPS_MEAN + SIGN_UPS_SPREAD * town.dice.normal("demand", activity)
        for _ in range(max(round(wanted * share), 1)):
            yield activity, young_person(town.dice, hub, next(numbers), town.today)


def _sign_up(browser: Browser, *, activity: str, person: YoungPerson) -> str:
    page = browser.get(f"/activities/{activity}/sign-up")
    form = page.form(sends="email")
    done = browser.send(page, form, **_filled_in(person, form.names))
    return "sign_up.done" if done.is_done else f"sign_up.refused_{done.status}"


def _filled_in(person: YoungPerson, names: set[str]) -> dict[str, str]:
    values = {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "birth_date": person.birth_date.isoformat(),
        "language": person.language,
        "guardian_name": person.guardian_name,
        "guardian_email": person.guardian_email,
    }
    return {name: value for name, value in values.items() if name in names}
