"""Made-up values for every kind of message: for previews, golden files and screenshots.

Nobody in here exists; addresses end in .example and telephone numbers are fictional.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from config.text import Text
from notifications import kinds
from notifications.kinds import Contact, HubLine, Mail, Occasion, Recipient, ReportFigures
from notifications.links import Purpose
from notifications.mime import build
from notifications.news import news_of, piece_of
from notifications.render import render
from notifications.samples_funding import manager_digest, of_funding

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # Monday, 8:00 in Beijing
STARTS_AT = datetime(2026, 11, 28, 5, 40, tzinfo=UTC)
HUB, GREETER = Text("晨光里青年汇", "晨光里青年汇"), Text("接待员", "greeter")
CYCLE, DISTRICT = Text("2026年年终评估", "2026 year-end evaluation"), Text("西城区", "Xicheng District")
WORKER = Contact("沈之槐", "010-5555 0123", "shen.zhihuai@hubs.example")
GOOD, FAIR, BEST = Text("良好", "good"), Text("合格", "adequate"), Text("优秀", "excellent")

REPAIR = Occasion(
    activity_id=7,
    revision=1,
    title=Text("老物件修理角", "Repair Corner"),
    summary=Text(
        "会有二三十位街坊带着旧收音机、自行车来。你负责迎接他们、记下要修什么、领到修理桌。",
        "Twenty or thirty neighbours bring old radios and bicycles. You welcome them, note what is to be "
        "mended and show them to a table.",
    ),
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(hours=2, minutes=50),
    hub=HUB,
    place="展览路街道晨光里8号院2层，有电梯",
    contact=WORKER,
)
LATER: dict[str, Any] = {
    "starts_at": STARTS_AT + timedelta(days=1),
    "ends_at": STARTS_AT + timedelta(days=1, hours=2),
}
CORNER = replace(REPAIR, activity_id=8, title=Text("周日读书会", "Sunday reading circle"), **LATER)
FIGURES = ReportFigures(
    hubs=177,
    scored=168,
    mean=77.9,
    low=76.8,
    high=79.0,
    bands=((BEST, 21), (GOOD, 96), (FAIR, 44), (Text("需要改进", "needs improvement"), 7)),
)
SCORES = (
    HubLine(Text("悦读时光书城青年汇", "悦读时光书城青年汇"), 91.2, 88.6, 93.5, BEST),
    HubLine(HUB, 78.4, 75.1, 81.6, GOOD),
    HubLine(Text("槐柏树青年汇", "槐柏树青年汇"), 64.0, 58.2, 69.3, FAIR),
    HubLine(
        Text("南线阁青年汇", "南线阁青年汇"),
        None,
        None,
        None,
        None,
        Text(
            "暂不评档：问卷只有9份（要30份）。",
            "No band yet: there are 9 answers and 30 are needed.",
        ),
    ),
)


def samples(language: str) -> list[Mail]:
    """Return one message of every kind, to readers of `language`."""
    volunteer = Recipient("林小满", "lin.xiaoman@people.example", language, form_of_address="小满")
    coordinator = Recipient("沈之槐", "shen.zhihuai@hubs.example", language, form_of_address="之槐")
    elder = Recipient("乔守正", "qiao.shouzheng@people.example", language, form_of_address="乔守正")
    manager = Recipient("顾临川", "gu.linchuan@district.example", language)
    return [
        *_to_volunteer(volunteer),
        *_about_activity(volunteer, coordinator),
        *_to_participant(Recipient("韩若川", "han.ruochuan@young.example", language)),
        *_to_guardian_and_newcomer(elder, volunteer),
        *_about_hours(volunteer),
        *_of_evaluation(elder, coordinator, manager),
        *_of_consequences(coordinator, manager),
        *of_funding(coordinator, manager, NOW),
        *_digests(volunteer, coordinator, manager),
        _in_one_mail(volunteer),
    ]


def _in_one_mail(to: Recipient) -> Mail:
    """Return what a volunteer gets who has three kinds of news on one morning."""
    asked, thanked = _to_volunteer(to)[4:6]
    vars(asked)["url"] = (
        "https://hubs.example/o/sample3"  # samples are made where there is no key to sign with
    )
    digest = _volunteer_digest(to)
    vars(digest).update(
        settings_url="https://hubs.example/m/sample", feed_url="https://hubs.example/c/sample/calendar.ics"
    )
    pieces = []
    for mail in (thanked, asked, digest):
        content = build(mail, render(mail, now=NOW), to.address, number=0, now=NOW)
        pieces.append(piece_of(content, address=to.address, stream=mail.stream, time_zone=to.time_zone))
    return news_of(pieces)


def _to_volunteer(to: Recipient) -> list[Mail]:
    about: dict[str, Any] = {"to": to, "offer_id": 41, "occasion": REPAIR, "role": GREETER}
    swap: dict[str, Any] = {"swap_id": 3, "there": CORNER, "there_role": GREETER}
    reasons = (
        Text("你说过喜欢和人打交道", "You said that you like meeting people"),
        Text("走路约12分钟", "It is about 12 minutes on foot"),
        Text("那天下午你有空", "You are free that afternoon"),
    )
    until = NOW + timedelta(days=2, hours=12)
    return [
        kinds.OfferMail(**about, reasons=reasons, expires_at=until),
        kinds.OfferReminderMail(**about, expires_at=until),
        kinds.PlaceTakenMail(**about),
        kinds.OfferConfirmedMail(**about),
        kinds.ServiceReminderMail(**about, hours=48),
        kinds.ThanksMail(**about, person_id=9, minutes=170, year_minutes=1490),
        kinds.CallOutMail(
            **about,
            reason="暴雪里有老人要送饭"
            if to.language != "en"
            else "Meals must reach the elderly in the snow",
            wanted=3,
            expires_at=NOW + timedelta(hours=1),
            km=0.8,
        ),
        kinds.StandDownMail(**about, has_enough=True),
        kinds.SubstituteMail(**about, was_found=True),
        kinds.ReserveNeededMail(**about),
        kinds.SwapAskedMail(**about, **swap, expires_at=until),
        kinds.SwapMail(**about, **swap, news=kinds.SwapNews.DONE),
    ]


def _about_activity(volunteer: Recipient, coordinator: Recipient) -> list[Mail]:
    return [
        kinds.ActivityChangedMail(
            to=volunteer,
            occasion=REPAIR,
            role=GREETER,
            offer_id=41,
            reason="活动室那天要换窗户"
            if volunteer.language != "en"
            else "The windows are being replaced that day",
            old_starts_at=STARTS_AT - timedelta(days=1),
            old_ends_at=STARTS_AT - timedelta(hours=21, minutes=10),
            old_place=REPAIR.place,
        ),
        kinds.ActivityCancelledMail(
            to=volunteer,
            occasion=REPAIR,
            role=GREETER,
            offer_id=41,
            reason="暴雪预警" if volunteer.language != "en" else "Snow warning",
        ),
        kinds.ActivityOnAgainMail(to=volunteer, occasion=REPAIR, role=GREETER, offer_id=41, reason=""),
        kinds.AttendanceDueMail(to=coordinator, person_id=3, occasion=REPAIR, people=9),
    ]


def _to_participant(to: Recipient) -> list[Mail]:
    return [
        kinds.SignUpConfirmedMail(to=to, participation_id=12, occasion=REPAIR),
        kinds.SignUpWaitingMail(to=to, participation_id=12, occasion=REPAIR, position=2),
        kinds.PlaceFreedMail(
            to=to, participation_id=12, occasion=REPAIR, answer_by=NOW + timedelta(days=2, hours=12)
        ),
    ]


def _to_guardian_and_newcomer(guardian: Recipient, volunteer: Recipient) -> list[Mail]:
    return [
        kinds.ConsentRequestMail(
            to=guardian,
            consent_id=5,
            minor_name="乔安禾",
            purpose="volunteering",
            hub=HUB,
            answer_by=NOW + timedelta(days=4, hours=12),
            valid_until=date(2027, 11, 22),
            in_charge=WORKER,
        ),
        kinds.CheckLapsingMail(
            to=volunteer, person_id=9, hub=HUB, expires_on=date(2026, 12, 5), in_charge=WORKER
        ),
        kinds.RegistrationReceivedMail(to=volunteer, person_id=9, hub=HUB, in_charge=WORKER),
    ]


def _about_hours(to: Recipient) -> list[Mail]:
    about: dict[str, Any] = {"to": to, "person_id": 9, "made_at": NOW, "in_charge": WORKER}
    return [
        kinds.HoursDecidedMail(
            **about,
            hub=HUB,
            what=Text("给普通话角做卡片", "Making cards for the Mandarin Corner"),
            served_on=date(2026, 11, 14),
            minutes=90,
            outcome="corrected",
            reason="签到晚了，其实到得早" if to.language != "en" else "Checked in late, but was there before",
        ),
        kinds.MyPageMail(**about),
        kinds.NoShowMail(
            to=to, offer_id=41, occasion=REPAIR, role=GREETER, paused_until=NOW + timedelta(days=20)
        ),
        kinds.NoShowMendedMail(to=to, offer_id=41, occasion=REPAIR, role=GREETER),
    ]


def _of_evaluation(elder: Recipient, coordinator: Recipient, manager: Recipient) -> list[Mail]:
    closes_at = NOW + timedelta(days=5, hours=12)
    report: dict[str, Any] = {
        "to": manager,
        "report_id": 2,
        "person_id": 1,
        "cycle": CYCLE,
        "unit": DISTRICT,
        "made_at": NOW,
    }
    assessment: dict[str, Any] = {
        "to": elder,
        "assessment_id": 77,
        "cycle": CYCLE,
        "hub": HUB,
        "place": REPAIR.place,
        "closes_at": closes_at,
        "in_charge": WORKER,
    }
    survey: dict[str, Any] = {"to": elder, "invitation_id": 31, "hub": HUB, "closes_at": closes_at}
    return [
        kinds.AssessmentInvitationMail(**assessment),
        kinds.AssessmentReminderMail(**assessment),
        kinds.SurveyInvitationMail(**survey),
        kinds.SurveyReminderMail(**survey),
        kinds.ReportDraftedMail(**report, figures=FIGURES, hubs=SCORES),
        kinds.ReportReleasedMail(
            **report, figures=FIGURES, hubs=SCORES, released_by="顾临川", released_at=NOW
        ),
        kinds.HubScoreMail(
            to=coordinator,
            report_id=2,
            hub_id=8,
            person_id=3,
            cycle=CYCLE,
            score=SCORES[1],
            released_at=NOW,
            gains=(
                Text(
                    "每场活动48小时内记完出勤：最多加2.1分",
                    "Record attendance within 48 hours: up to 2.1 points",
                ),
                Text("每周多开放6小时：最多加1.4分", "Open six hours more a week: up to 1.4 points"),
            ),
        ),
    ]


def _of_consequences(coordinator: Recipient, manager: Recipient) -> list[Mail]:
    return [
        kinds.DecisionsMail(
            to=manager,
            unit_id=1,
            person_id=1,
            unit=DISTRICT,
            made_at=NOW,
            is_overdue=True,
            points=(
                kinds.Point(
                    Text("晨光里青年汇，每周开放时长", "晨光里青年汇, Weekly opening hours"),
                    Text(
                        "承诺10月31日前到30小时，还没有上报结果。",
                        "promised 30 h by 31 October, and no result is reported.",
                    ),
                ),
            ),
        ),
        kinds.HubNoticeMail(
            to=coordinator,
            hub=HUB,
            title=Text("有1项承诺退回给你们", "1 commitment is back with you"),
            sentence=Text("看一下理由，补好再上报一次。", "Read why, mend it and report once more."),
            action=Text("打开承诺", "Open the commitments"),
            page=Purpose.HUB,
            ids=(8, 3),
            path="/commitments",
            points=(
                kinds.Point(
                    Text("每周开放时长", "Weekly opening hours"),
                    Text("目标30小时，上报28小时。", "target 30 h, reported 28 h."),
                ),
            ),
            reason="签到表缺两周" if coordinator.language != "en" else "Two weeks of sheets are missing",
            made_at=NOW,
        ),
    ]


def _digests(volunteer: Recipient, coordinator: Recipient, manager: Recipient) -> list[Mail]:
    return [_volunteer_digest(volunteer), _coordinator_digest(coordinator), manager_digest(manager, NOW)]


def _volunteer_digest(to: Recipient) -> Mail:
    line = kinds.CommitmentLine(
        REPAIR.title, GREETER, STARTS_AT, REPAIR.ends_at, HUB, "https://hubs.example/o/sample"
    )
    asked = kinds.CommitmentLine(
        Text("普通话角", "Mandarin Corner"),
        Text("陪练", "partner"),
        STARTS_AT - timedelta(days=2),
        STARTS_AT - timedelta(days=2) + timedelta(hours=2),
        HUB,
        "https://hubs.example/o/sample2",
        answer_by=NOW + timedelta(days=1, hours=12),
    )
    return kinds.VolunteerDigestMail(
        to=to,
        person_id=9,
        week=date(2026, 11, 23),
        made_at=NOW,
        upcoming=(line,),
        offers=(asked,),
        minutes_added=170,
        year_minutes=1490,
        in_charge=WORKER,
    )


def _coordinator_digest(to: Recipient) -> Mail:
    return kinds.CoordinatorDigestMail(
        to=to,
        person_id=3,
        hub_id=8,
        hub=HUB,
        time_zone="Asia/Shanghai",
        week=date(2026, 11, 23),
        made_at=NOW,
        tasks=(
            kinds.Task(
                Text("老物件修理角缺2位接待员", "Repair Corner lacks 2 greeters"),
                Text(
                    "11月28日（周六）13:40开始，已经没人可问。",
                    "It starts on Sat 28 Nov, 13:40, and nobody is left to ask.",
                ),
                Text("看名单", "See the roster"),
            ),
            kinds.Task(
                Text("周五夜跑没记出勤", "Friday Run has no attendance yet"),
                Text("9人在等；记完，时长就入账。", "9 people wait; hours are entered once you record."),
                Text("现在记，约2分钟", "Record now, about 2 minutes"),
                "https://hubs.example/t/sample",
                Text("都来了", "Everybody came"),
                "https://hubs.example/t/sample/everybody",
            ),
            kinds.Task(
                Text("1份监护人同意书周五到期", "One guardian’s consent lapses on Friday"),
                Text("不续签，周日的活动就来不了。", "Without a new one, Sunday’s activity is off for them."),
                Text("看是谁", "See whose"),
            ),
        ),
        activities=(
            kinds.ActivityLine(Text("棋牌角", "Board Games"), NOW + timedelta(days=2, hours=10), 2, 2),
            kinds.ActivityLine(
                Text("普通话角", "Mandarin Corner"), NOW + timedelta(days=3, hours=11), 3, 4, 1
            ),
            kinds.ActivityLine(REPAIR.title, STARTS_AT, 5, 8, 1, missing=2),
        ),
        last_week=kinds.LastWeek(4, 63, 2280, 38, 21, 6, 11, 1),
    )
