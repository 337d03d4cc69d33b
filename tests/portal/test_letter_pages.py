"""Managers of the network word its mails on a page, and a mail really arrives with the new words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from config.settings import settings
from notifications import outbox
from notifications.links import Purpose
from notifications.passages import passages_of
from notifications.samples import samples
from services.delivery import deliver_due
from tests import factories
from tests.portal.pages import heading, main, unlabelled
from tests.relay import running_relay

SUBJECT = passages_of("thanks")[0]
FIELD = f"{SUBJECT.key}-zh-Hans"


@dataclass(frozen=True)
class Desk:
    top: str
    below: str


@pytest.fixture
def desk(site) -> Desk:
    with site.db() as session:
        top = factories.make_unit(session)
        below = factories.make_unit(session, parent=top)
        managers = factories.make_manager(session, top), factories.make_manager(session, below)
        return Desk(
            *(
                site.link(Purpose.BRANCH, unit.id, person.id)
                for unit, person in zip((top, below), managers, strict=True)
            )
        )


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_pages_show_every_kind_and_passage_and_change_nothing(site, desk, language) -> None:
    before = site.rows()
    listed = site.get(f"{desk.top}/letters", language)
    assert heading(listed.text) in {"邮件的措辞", "How our mails are worded"}
    shown = site.get(f"{desk.top}/letters/thanks", language)
    assert heading(shown.text) in {"感谢和时长", "Thanks with hours"}
    assert unlabelled(shown.text) == []
    assert site.rows() == before


def test_only_the_whole_networks_managers_see_the_way(site, desk) -> None:
    assert "/letters" in site.get(desk.top).text
    assert "/letters" not in site.get(desk.below).text
    assert site.get(f"{desk.below}/letters").status_code == 403
    assert site.post(f"{desk.below}/letters/thanks", deed="keep").status_code == 403
    assert site.get(f"{desk.top}/letters/consent").status_code == 404


def test_trial_shows_both_languages_and_keeps_nothing(site, desk) -> None:
    before = site.rows()
    found = site.post(f"{desk.top}/letters/thanks", deed="try", **{FIELD: "多谢！{{ title }}"})
    assert "多谢！老物件修理角" in main(found.text)
    assert "Thank you" in main(found.text)
    looked = site.post(f"{desk.top}/letters/thanks", deed="look-zh-Hans", **{FIELD: "多谢！{{ title }}"})
    assert "<title>多谢！老物件修理角</title>" in looked.text
    assert looked.headers["content-security-policy"].endswith("sandbox")
    assert site.rows() == before


def test_fault_is_said_at_its_field_and_the_words_are_kept_in_the_form(site, desk) -> None:
    found = site.post(f"{desk.top}/letters/thanks", deed="keep", **{FIELD: "{{ nobody }}"})
    assert found.status_code == 422
    assert f'id="{FIELD}-error"' in found.text
    assert "第1行：这一句没有“nobody”这个字段" in main(found.text)
    assert "{{ nobody }}</textarea>" in found.text


def test_new_words_are_delivered_and_taken_back(site, desk, monkeypatch) -> None:
    done = site.post(
        f"{desk.top}/letters/thanks", deed="keep", reason="更亲切", **{FIELD: "多谢！{{ title }}"}
    )
    assert "保存了，从下一封起用" in main(site.browser.get(done.headers["location"]).text)
    site.post(f"{desk.top}/letters/thanks", deed="back")
    site.post(f"{desk.top}/letters/thanks", deed="keep", **{FIELD: "多谢！{{ title }}"})
    thanks = next(mail for mail in samples("zh-Hans") if mail.kind == "thanks")
    with site.db() as session:
        outbox.queue(session, thanks, key="thanks", now=site.now, not_before=site.now)
    with running_relay() as relay:
        monkeypatch.setenv("YOUTHHUB_SMTP_PORT", str(relay.port))
        settings.cache_clear()
        assert deliver_due(site.db, now=lambda: site.now).sent == 1
    assert [mail["Subject"] for mail in relay.messages] == ["多谢！老物件修理角"]
    history = main(site.get(f"{desk.top}/letters/thanks").text)
    assert "更亲切" in history
    assert "用回自带的话" in history
