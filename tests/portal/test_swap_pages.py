"""Swaps on a phone: choose a day, answer without a name, and a coordinator's page with both names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from models import Activity, Offer, Swap
from models.states import OfferState
from notifications.kinds import SwapMail, SwapNews
from notifications.links import Purpose
from notifications.render import render
from notifications.samples import NOW, samples
from services import swaps
from tests import factories
from tests.portal.pages import answers, heading, main, unlabelled


@pytest.fixture
def places(site):
    """Mine on Saturday and another's on Sunday, by their links; the hub's link; the second activity's code."""
    with site.db() as session:
        hub = factories.make_hub(session, name_zh="晨光里青年汇")
        worker = factories.make_coordinator(session, hub, name="沈之槐")
        offers = []
        for days, name, title in ((5, "毕青", "修理角"), (6, "雷初", "读书会")):
            starts_at = site.now + timedelta(days=days, hours=5)
            activity = factories.make_activity(
                session, hub, starts_at=starts_at, title_zh=title, title_en=title
            )
            need = factories.make_need(session, activity, taken=1, role_zh="接待员", role_en="greeter")
            person = factories.make_volunteer(session, hub, name=name)
            offers.append(
                factories.make_offer(
                    session, need, person, state=OfferState.ACCEPTED, answered_at=site.now
                ).id
            )
        code = activity.code
    mine, other = (site.link(Purpose.OFFER, offer) for offer in offers)
    return mine, other, site.link(Purpose.HUB, hub.id, worker.id), code


def propose(site, places) -> int:
    mine, _, _, code = places
    assert site.post(f"{mine}/swap", answer="propose", activity=code).status_code == 303
    with site.db() as session:
        return session.exec(select(Swap.id)).one()


def test_volunteer_chooses_a_day_and_never_a_person(site, places) -> None:
    mine, _, _, code = places
    assert f'href="{mine}/swap"' in site.get(mine).text
    before = site.rows()
    page = site.get(f"{mine}/swap").text
    assert site.rows() == before
    assert heading(page) == "换成哪一场？"
    assert "11月29日（周日）14:00–16:30" in main(page)
    assert ("雷初" in page, unlabelled(page)) == (False, [])
    propose(site, places)
    assert heading(site.get(f"{mine}/swap").text) == "正在问一位志愿者愿不愿换"
    assert answers(site.get(mine).text) == ["withdraw"]
    assert site.post(f"{mine}/swap", answer="propose", activity=code).status_code == 303  # a second click
    with site.db() as session:
        assert len(session.exec(select(Swap)).all()) == 1


def test_swap_from_the_question_to_the_new_place(site, places) -> None:
    mine, other, hub, _ = places
    swap_id = str(propose(site, places))
    assert "有人想和你换一场。" in main(site.get(other).text)
    asked = site.get(f"{other}/swap").text
    assert (heading(asked), "毕青" in asked) == ("雷初，愿意换一场吗？", False)
    assert answers(asked) == ["yes", "no"]
    site.post(f"{other}/swap", answer="yes", swap=swap_id)
    assert heading(site.get(f"{other}/swap").text) == "谢谢，等社工点头"
    assert heading(site.get(f"{mine}/swap").text) == "对方愿意换，等社工点头"
    assert "毕青和雷初想换班" in main(site.get(hub).text)
    desk = f"{hub}/swaps/{swap_id}"
    assert heading(site.get(desk).text) == "毕青和雷初想换班"
    assert "资格、时间、休息、同伴都查过了" in main(site.get(desk).text)
    assert site.post(desk, deed="agree").status_code == 303
    assert "换好了，两个人都收到了信和新的日历。" in main(site.get(desk).text)
    assert heading(site.get(mine).text) == "换好了，这一场你不用来"
    done = site.get(f"{mine}/swap").text
    assert "你改来这一场" in main(done)
    new = done.partition('<a class="btn full" href="')[2].partition('"')[0]
    assert heading(site.get(new).text) == "说好了，周日下午见！"
    assert site.get(f"{mine}/swap", "en").text.count("Swapped") > 0


def test_no_of_a_coordinator_needs_a_reason_and_both_read_it(site, places) -> None:
    mine, other, hub, _ = places
    swap_id = str(propose(site, places))
    site.post(f"{other}/swap", answer="yes", swap=swap_id)
    desk = f"{hub}/swaps/{swap_id}"
    refused = site.post(desk, deed="refuse", reason="")
    assert (refused.status_code, "写一句为什么" in main(refused.text)) == (422, True)
    site.post(desk, deed="refuse", reason="周日要老手在")
    assert "没同意：周日要老手在" in main(site.get(desk).text)
    assert "上一次社工没同意：周日要老手在" in main(site.get(f"{mine}/swap").text)


def test_taking_it_back_and_an_answer_that_is_none(site, places) -> None:
    mine, other, _, _ = places
    swap_id = str(propose(site, places))
    before = site.rows()
    assert site.post(f"{other}/swap", answer="maybe").status_code == 422
    assert site.post(f"{mine}/swap", answer="yes", swap=swap_id).status_code == 404
    assert site.rows() == before
    assert site.post(f"{mine}/swap", answer="back", swap=swap_id).status_code == 303
    assert "那次换班不用回答了" in main(site.get(f"{other}/swap").text)
    assert answers(site.get(mine).text) == ["substitute", "withdraw"]


def test_swap_of_other_hubs_is_not_shown(site, places) -> None:
    swap_id = propose(site, places)
    with site.db() as session:
        hub = factories.make_hub(session)
        worker = factories.make_coordinator(session, hub)
    stranger = site.link(Purpose.HUB, hub.id, worker.id)
    assert site.get(f"{stranger}/swaps/{swap_id}").status_code == 404
    assert site.get(f"{stranger}/swaps/999").status_code == 404


def test_page_with_nothing_to_swap_says_so(site, places) -> None:
    mine, _, _, code = places
    with site.db() as session:
        session.exec(select(Activity).where(Activity.code == code)).one().state = "cancelled"
    assert heading(site.get(f"{mine}/swap").text) == "眼下没有能换的"
    with site.db() as session:
        swaps_of = session.exec(select(Offer.id).order_by(Offer.id)).all()
        assert swaps.open_swap(session, swaps_of[0]) is None


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("news", list(SwapNews))
def test_mail_of_each_outcome_says_what_became_of_the_place(news, language) -> None:
    sample = next(mail for mail in samples(language) if isinstance(mail, SwapMail))
    reason = "周日要老手在" if news == "refused" else ""
    words = render(replace(sample, news=news, reason=reason), now=NOW)
    assert len(words.subject) < 90
    assert ("周日要老手在" in words.text) == (news == "refused")
