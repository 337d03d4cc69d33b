"""Light or dark: chosen by a form on each page, kept in a cookie, written into the page by the server."""

from __future__ import annotations

import pytest

from simulator.forms import forms_of


def choose(site, look: str, back: str = "/hubs"):
    return site.post("/look", look=look, back=back)


def test_page_follows_the_device_until_somebody_chooses(site) -> None:
    page = site.get("/hubs").text
    assert "data-theme" not in page
    assert 'content="light dark"' in page
    (form,) = [one for one in forms_of(page) if one.action == "/look"]
    assert (form.choices["look"], form.values["back"]) == (["", "light", "dark"], "/hubs")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_choice_is_written_into_every_page_and_can_be_taken_back(site, look) -> None:
    done = choose(site, look)
    assert (done.status_code, done.headers["location"]) == (303, "/hubs")
    assert "httponly" in done.headers["set-cookie"].lower()
    for path in ("/hubs", "/privacy", "/no-such-page"):
        assert f'data-theme="{look}"' in site.get(path).text
    choose(site, "")
    assert "data-theme" not in site.get("/hubs").text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\\\evil.example", "", "x", "/a\r\nB: c"]
)
def test_the_way_back_never_leads_elsewhere(site, back) -> None:
    assert choose(site, "dark", back).headers["location"] == "/"


def test_a_cookie_of_nonsense_is_not_written_into_the_page(site) -> None:
    site.browser.cookies.set("look", '"><script>')
    assert "data-theme" not in site.get("/hubs").text
