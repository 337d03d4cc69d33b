import io
import json
from collections import Counter
from typing import Any

from simulator import behaviour
from simulator.__main__ import main

OFFER = """<form method="post"><button name="answer" value="yes">我能来</button>
<button name="answer" value="no">来不了</button>
<input type="radio" name="reason" value=""><input type="radio" name="reason" value="busy"></form>"""
RUBRIC = """<form method="post" action="{}"><input name="conflict" type="checkbox" value="1">
<input type="radio" name="venue" value="0"><input type="radio" name="venue" value="4">
<input type="radio" name="effect" value="0"><input type="radio" name="effect" value="4"></form>"""
SURVEY = """<form method="post"><input type="radio" name="q1" value="1"><input type="radio" name="q1" value="5">
<input type="radio" name="q1" value=""><button name="refuse" value="1">不答</button></form>"""


def run(site: Any, maildir: Any, *orders: str, seed: int = 11, share: float = 1.0) -> list[dict[str, Any]]:
    answers = io.StringIO()
    arguments = ["--maildir", str(maildir.folder), "--base-url", site.url, "--seed", str(seed)]
    lines = io.StringIO("".join(f"{order}\n" for order in orders))
    assert main([*arguments, "--participants-share", str(share)], lines, answers) == 0
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_volunteers_answer_offers_as_often_as_the_table_says(site, maildir, post):
    site.pages["/hubs"] = ""
    for n in range(300):
        site.pages[f"/o/{n}"] = OFFER
        site.pages[f"/o/{n}/done"] = "<p>说好了</p>"
        post("offer", f"v{n}@people.example", f"周六来吗？{n % 7}", f"{site.url}/o/{n}?answer=yes")
    (result,) = run(site, maildir, "step")
    assert result["read"] == {"offer": 300}
    assert sum(result["done"].values()) == 300
    assert set(result["done"]) == {"offer.yes", "offer.no", "offer.silent"}
    assert Counter(values["answer"] for _, values in site.sent) == {
        "yes": result["done"]["offer.yes"],
        "no": result["done"]["offer.no"],
    }
    assert abs(result["done"]["offer.yes"] / 300 - behaviour.OFFER["yes"]) < 0.09
    assert {values.get("reason") for _, values in site.sent if values["answer"] == "no"} == {"busy"}


def test_same_seed_gives_the_same_answers_whatever_the_order_of_the_mail(site, maildir, post):
    site.pages["/hubs"] = ""
    for n in range(40):
        site.pages[f"/o/{n}"] = OFFER
        site.pages[f"/o/{n}/done"] = ""
    for order in (range(40), reversed(range(40))):
        for n in order:
            post("offer", f"v{n}@people.example", "周六来吗？", f"{site.url}/o/{n}")
        run(site, maildir, "step")
    half = len(site.sent) // 2
    assert sorted(site.sent[:half], key=str) == sorted(site.sent[half:], key=str)


def test_volunteer_stands_by_when_the_last_place_is_gone(site, maildir, post):
    site.pages["/hubs"] = ""
    site.pages["/o/1"] = OFFER
    site.pages["/o/1/done"] = (
        '<form method="post" action="/o/1"><button name="answer" value="standby">排候补</button></form>'
    )
    for n in range(20):
        post("offer", f"v{n}@people.example", "周六来吗？", f"{site.url}/o/1")
    (result,) = run(site, maildir, "step")
    assert result["done"]["offer.standby"] == Counter(v["answer"] for _, v in site.sent)["standby"] > 0


def test_mail_without_a_deed_is_put_away_unanswered(site, maildir, post):
    post("thanks", "v@people.example", "谢谢你", f"{site.url}/o/1")
    (result,) = run(site, maildir, "step")
    assert (result["read"], result["done"], result["requests"]) == ({"thanks": 1}, {}, 0)
    assert [path.name[-4:] for path in (maildir.folder / "cur").iterdir()] == [":2,S"]
    assert not list((maildir.folder / "new").iterdir())


def test_assessors_and_residents_fill_in_every_item_within_the_scale(site, maildir, post):
    site.pages["/hubs"] = '<a href="/hubs/XC-1">晨光里青年汇</a>'
    for n in range(60):
        site.pages[f"/a/{n}"] = RUBRIC.format(f"/a/{n}")
        site.pages[f"/s/{n}"] = SURVEY
        post("assessment", f"a{n}@assess.example", "请给晨光里青年汇评分", f"{site.url}/a/{n}")
        post("survey", f"y{n}@young.example", "晨光里青年汇怎么样？", f"{site.url}/s/{n}")
    (result,) = run(site, maildir, "step")
    rubrics = [values for path, values in site.sent if path.startswith("/a/") and "conflict" not in values]
    answers = [values for path, values in site.sent if path.startswith("/s/") and "refuse" not in values]
    assert len(rubrics) == result["done"]["assessment.submit"]
    assert len(answers) == result["done"]["survey.answer"]
    assert {tuple(sorted(values)) for values in rubrics} == {("effect", "venue")}
    assert {level for values in rubrics for level in values.values()} <= {"0", "4"}
    assert {values.get("q1") for values in answers} <= {"1", "5", None}


def test_coordinator_records_everybody_on_the_sheet(site, maildir, post):
    marks = "".join(
        f'<input type="radio" name="{name}" value="{value}">'
        for name in ("offer-1", "participation-1", "participation-2")
        for value in ("present", "excused", "no_show")
    )
    site.pages["/hubs"], site.pages["/t/1"] = "", f'<form method="post">{marks}</form>'
    post("attendance", "c@hub.example", "谁来了？", f"{site.url}/t/1")
    run(site, maildir, "step")
    (marks_sent,) = site.sent_to("/t/1")
    assert set(marks_sent) == {"offer-1", "participation-1", "participation-2"}
    assert set(marks_sent.values()) <= {"present", "excused", "no_show"}


def test_attendance_that_a_colleague_recorded_is_left_as_it_is(site, maildir, post):
    site.pages["/hubs"] = ""
    site.pages["/t/1"] = """<form method="post" action="/t/1">
    <input type="radio" name="offer-1" value="present" checked><input type="radio" name="offer-1" value="no_show">
    <input name="reason"></form>"""
    post("attendance", "c@hub.example", "谁来了？", f"{site.url}/t/1")
    (result,) = run(site, maildir, "step")
    assert (result["done"], site.sent) == ({"attendance.found_recorded": 1}, [])


def test_attendance_that_a_colleague_records_meanwhile_is_left_as_it_is(site, maildir, post):
    marks = '<input type="radio" name="offer-1" value="present">'
    site.pages["/hubs"], site.pages["/t/1"] = "", f'<form method="post" action="/t/1">{marks}</form>'
    site.refused["/t/1"], site.pages["/t/1/refused"] = 422, f'<form>{marks}<input name="reason"></form>'
    post("attendance", "c@hub.example", "谁来了？", f"{site.url}/t/1")
    (result,) = run(site, maildir, "step")
    assert result["done"] == {"attendance.found_recorded": 1}


def test_each_piece_of_a_mail_with_several_is_acted_upon(site, maildir, post):
    marks = '<input type="radio" name="offer-1" value="present">'
    site.pages["/hubs"] = ""
    for number in (1, 2):
        site.pages[f"/t/{number}"] = f'<form method="post" action="/t/{number}">{marks}</form>'
    rule = "-" * 10
    pieces = f"两件事\n\n{rule}\n\n谁来了？\n{site.url}/t/1\n\n{rule}\n\n谁来了？\n{site.url}/t/2\n"
    post("news", "c@hub.example", "谁来了？；另有1件事", pieces.replace("\n", "\r\n"))  # as mail is sent
    run(site, maildir, "step")
    assert [path for path, _ in site.sent] == ["/t/1", "/t/2"]


def test_manager_releases_with_the_form_that_releases(site, maildir, post):
    site.pages["/hubs"] = ""
    site.pages["/r/1"] = """<form method="post" action="/r/1/return"><input name="reason"></form>
    <form method="post" action="/r/1/release"><button>签发</button></form>"""
    post("report_drafted", "m@office.example", "报告写好了", f"{site.url}/r/1")
    (result,) = run(site, maildir, "step")
    assert (result["done"], [path for path, _ in site.sent]) == (
        {"report_drafted.released": 1},
        ["/r/1/release"],
    )


def test_young_people_sign_up_for_every_activity_on_the_programmes(site, maildir):
    site.pages["/hubs"] = '<a href="/hubs/XC-1">晨光里青年汇</a><a href="/hubs?page=2">下一页</a>'
    site.pages["/hubs/XC-1"] = "".join(f'<a href="/activities/A{n}/sign-up">报名</a>' for n in (1, 2))
    form = '<form method="post"><input type="hidden" name="stamp" value="s"><input name="website">'
    fields = ("name", "email", "phone", "birth_date", "guardian_name", "guardian_email")
    form += "".join(f'<input name="{name}">' for name in fields) + "</form>"
    site.pages["/activities/A1/sign-up"] = site.pages["/activities/A2/sign-up"] = form
    (result,) = run(site, maildir, "sign-ups 2026-11-23")
    assert result["activities"] == 2
    assert result["done"] == {"sign_up.done": len(site.sent)}
    assert len({values["email"] for _, values in site.sent}) == len(site.sent)
    assert {(values["stamp"], values["website"]) for _, values in site.sent} == {("s", "")}
    minors = [values for _, values in site.sent if values["birth_date"] > "2008-11-23"]
    assert minors
    assert [v for _, v in site.sent if v["guardian_email"]] == minors


def test_refusals_and_missing_pages_are_counted_and_nothing_stops(site, maildir, post):
    site.pages["/hubs"], site.pages["/g/1"] = "", OFFER
    site.refused["/g/1"] = 409
    for n in range(12):
        post("consent", f"g{n}@family.example", "同意吗？", f"{site.url}/g/1")
        post("place_freed", f"y{n}@young.example", "有位置了", f"{site.url}/p/secret-token")
    first, second = run(site, maildir, "step", "step")
    assert first["done"]["failed: consent: POST answered 409"] == len(site.sent)
    assert first["done"]["failed: GET /p/...: 404"] > 0
    assert (second["read"], second["done"]) == ({}, {})


def test_unknown_order_is_answered_with_a_sentence(site, maildir):
    assert run(site, maildir, "dance") == [{"error": "no such order: dance"}]


def test_link_to_another_site_is_not_followed(site, maildir, post):
    site.pages["/hubs"], site.pages["/r/1"] = "", '<form action="/r/1/release"></form>'
    post("report_drafted", "m@office.example", "报告写好了", "http://elsewhere.example/r/1")
    (result,) = run(site, maildir, "step")
    assert (result["done"], site.sent) == ({"failed: a link to another site": 1}, [])
