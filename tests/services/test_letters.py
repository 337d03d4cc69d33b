"""A network words its own mails: what may be written, what is refused, and what really leaves."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from jinja2 import TemplateError
from sqlmodel import select

from models import AuditEntry, LetterWording, Message
from notifications import kinds, outbox
from notifications.kind_names import FIELD_NAMES, KIND_NAMES
from notifications.kinds import KINDS
from notifications.passages import KEPT, passages_of
from notifications.render import render
from notifications.rewording import Chosen, TooLong, own_words, using
from notifications.samples import NOW, samples
from services import letters
from services.errors import HubError, NotFound, NotYours
from tests import factories

SUBJECT, PREVIEW, HEADING, PARA, _ANOTHER_TIME, NOTE = passages_of("offer")
ZH, EN = "zh-Hans", "en"


def typed(**words: str) -> dict[str, str]:
    names = {"subject": SUBJECT, "heading": HEADING, "para": PARA, "note": NOTE}
    return {f"{names[name].key}-{ZH}": source for name, source in words.items()}


def refused(session, now, **words: str) -> list[tuple[str, str]]:
    person = factories.make_person(session)
    with pytest.raises(HubError) as error:
        letters.reword(session, "offer", typed(**words), by=person.id, now=now)
    assert session.exec(select(LetterWording)).all() == []
    return [(one.code, one.sentence.zh) for one in error.value.refusals]


def offer() -> kinds.Mail:
    return next(mail for mail in samples(ZH) if mail.kind == "offer")


def test_every_kind_and_every_field_has_a_name() -> None:
    assert set(KIND_NAMES) == set(KINDS)
    fields = {field for kind in KINDS for passage in passages_of(kind) for field in passage.fields}
    assert fields == set(FIELD_NAMES)


def test_every_kind_but_the_fixed_ones_can_be_worded() -> None:
    assert {kind for kind in KINDS if not passages_of(kind)} == KEPT


def test_built_in_words_typed_back_read_as_before(session, now) -> None:
    """The source that a page shows, kept as it is, changes no mail."""
    for kind in KINDS:
        for language in (ZH, EN):
            mail = next(one for one in samples(language) if one.kind == kind)
            own = Chosen(
                {one.default: (one.sources[language], one.is_one_line) for one in passages_of(kind)},
                is_trial=True,
            )
            if language == ZH:
                assert render(mail, now=NOW, chosen=own) == render(mail, now=NOW), kind
            else:
                render(mail, now=NOW, chosen=own)


def test_own_words_are_in_the_frozen_mail_and_older_ones_stay(session, now) -> None:
    person = factories.make_person(session)
    outbox.queue(session, offer(), key="before", now=now)
    letters.reword(session, "offer", typed(subject="急！{{ title }}就差你"), by=person.id, now=now)
    outbox.queue(session, offer(), key="after", now=now)
    before, after = (
        session.exec(select(Message).where(Message.key == key)).one().content for key in ("before", "after")
    )
    decoded = [str(read(content)["Subject"]) for content in (before, after)]
    assert decoded[1] == "急！老物件修理角就差你"
    assert decoded[0].startswith("周六")


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, _class=EmailMessage, policy=default)


@pytest.mark.parametrize(
    "source",
    [
        "{{ title.__class__ }}",
        "{{ title['__class__'] }}",
        "{{ title|attr('__class__') }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ title() }}",
        "{{ title|upper }}",
        "{{ title ~ title }}",
        "{{ 9 ** 99 }}",
        "{{ 'x' * 999999 }}",
        "{{ [1] }}",
        "{{ {} }}",
        "{% for x in title %}{{ x }}{% endfor %}",
        "{% set title = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'offer.jinja' %}",
        "{% import 'parts.jinja' as p %}",
        "{% extends 'layout.html' %}",
        "{% block x %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{{ title is defined }}",
        "{{ self }}",
        "{{ range(9) }}",
        "{{ cycler }}",
    ],
)
def test_code_is_refused_with_its_line(session, now, source) -> None:
    found = refused(session, now, para="好\n" + source)
    assert {code for code, _ in found} <= {"letter_forbidden", "letter_field"}
    assert all("第2行" in sentence for _, sentence in found)


def test_unknown_field_is_named_with_those_that_there_are(session, now) -> None:
    assert refused(session, now, note="请在{{ phone }}前答") == [
        ("letter_field", "小字说明（中文）第1行：这一句没有“phone”这个字段。能用的是：until。")
    ]


@pytest.mark.parametrize("source", ["{{ until", "{% if until %}好", "{{ }}", "{% endif %}", "{% bogus %}"])
def test_what_is_not_closed_is_refused_with_its_line(session, now, source) -> None:
    [(code, sentence)] = refused(session, now, note="一\n二\n" + source)
    assert code == "letter_syntax"
    assert "第3行" in sentence


def test_deep_nesting_is_refused_and_not_a_crash(session, now) -> None:
    assert [
        code for code, _ in refused(session, now, note="{{ " + "(" * 480 + "until" + ")" * 480 + " }}")
    ] == ["letter_syntax"]


def test_huge_words_are_refused_before_and_after_filling_in(session, now) -> None:
    assert [code for code, _ in refused(session, now, note="字" * 1001)] == ["letter_too_long"]
    assert [code for code, _ in refused(session, now, subject="{{until}}" * 33)] == ["letter_too_long"]


@pytest.mark.parametrize(
    "end", ["\r\nBcc: all@example.org", "\nBcc: x", "\x0bBcc: x", "\u2028Bcc: x", "\x00"]
)
def test_subject_with_a_line_end_is_refused(session, now, end) -> None:
    assert [code for code, _ in refused(session, now, subject="来吗" + end + "！")] == ["letter_line_end"]


def test_subject_with_an_encoded_word_brings_no_header(session, now) -> None:
    person = factories.make_person(session)
    letters.reword(
        session, "offer", typed(subject="=?utf-8?q?x=0D=0ABcc:_e@x?= {{ title }}"), by=person.id, now=now
    )
    outbox.queue(session, offer(), key="one", now=now)
    content = session.exec(select(Message).where(Message.key == "one")).one().content
    assert b"Bcc" not in content.partition(b"\r\n\r\n")[0]


def test_markup_of_a_wording_and_of_a_name_is_text(session, now) -> None:
    own = Chosen({HEADING.default: ("<b>{{ name }}</b> & 好", True)}, is_trial=True)
    mail = replace(offer(), to=kinds.Recipient("<script>x</script>", "a@people.example"))
    rendered = render(mail, now=NOW, chosen=own)
    assert "&lt;b&gt;&lt;script&gt;x&lt;/script&gt;&lt;/b&gt; &amp; 好" in rendered.html
    assert "<b><script>x</script></b> & 好" in rendered.text


def test_field_that_looks_like_code_stays_words() -> None:
    own = Chosen({"s": ("{{ name }}", True)})
    with using(own):
        assert own_words("s", {"name": "{{ 7 }}{% if %}"}, is_html=False) == "{{ 7 }}{% if %}"


def test_mail_leaves_with_built_in_words_where_own_ones_fail() -> None:
    """A deed never fails for a wording: only a trial raises."""
    for source in ("{{ gone }}", "{{ title }}" * 60, "{% if title < 1 %}x{% endif %}"):
        own = {SUBJECT.default: (source, True)}
        mail = offer()
        assert render(mail, now=NOW, chosen=Chosen(own)).subject == render(mail, now=NOW).subject
        with pytest.raises((TemplateError, TypeError, TooLong)):
            render(mail, now=NOW, chosen=Chosen(own, is_trial=True))


def test_frame_facts_and_answers_stay_whatever_is_written(session, now) -> None:
    person = factories.make_person(session)
    words = {f"{one.key}-{ZH}": "好" for one in passages_of("offer")}
    letters.reword(session, "offer", words, by=person.id, now=now)
    outbox.queue(session, offer(), key="one", now=now)
    mail = read(session.exec(select(Message).where(Message.key == "one")).one().content)
    text = mail.get_body(("plain",)).get_content()
    for kept in ("为什么是你", "我能来：", "?answer=yes", "?answer=no", "不再收活动邀请", "沈之槐"):
        assert kept in text
    assert mail["List-Unsubscribe"]
    assert mail["From"].addresses[0].addr_spec


def test_history_says_who_when_what_and_goes_back(session, now) -> None:
    person = factories.make_person(session, name="顾临川")
    keep = {"by": person.id, "now": now}
    assert letters.reword(session, "offer", typed(subject="第一版{{ title }}"), **keep, reason="太长")
    assert not letters.reword(session, "offer", typed(subject="第一版{{ title }}"), **keep)
    assert letters.reword(session, "offer", typed(heading="第二版"), **keep)
    assert letters.go_back(session, "offer", **keep)
    versions = letters.letter(session, "offer").history
    assert [([part.zh for part in one.parts], one.by, one.reason, one.counts) for one in versions] == [
        ([], "顾临川", "", True),
        (["大标题"], "顾临川", "", False),
        (["主题"], "顾临川", "太长", False),
    ]
    assert letters.go_back(session, "offer", versions[2].version_id, **keep)
    assert letters.letter(session, "offer").words(SUBJECT, ZH) == "第一版{{ title }}"
    verbs = [
        row.verb for row in session.exec(select(AuditEntry).order_by(AuditEntry.id)) if "letter" in row.verb
    ]
    assert verbs == ["letter.reword", "letter.reword", "letter.reset", "letter.reword"]


def test_version_of_another_kind_and_fixed_kinds_are_not_found(session, now) -> None:
    person = factories.make_person(session)
    letters.reword(session, "offer", typed(heading="好"), by=person.id, now=now)
    row = session.exec(select(LetterWording)).one()
    with pytest.raises(NotFound):
        letters.go_back(session, "thanks", row.id, by=person.id, now=now)
    for kind in ("consent", "news", "../layout", "nothing"):
        with pytest.raises(NotFound):
            letters.letter(session, kind)


def test_own_words_for_a_sentence_that_is_gone_are_counted_and_not_used(session, now) -> None:
    factories.save(session, LetterWording(kind="offer", passages={"0" * 12: {ZH: "好"}}, set_at=now))
    assert letters.letter(session, "offer").orphans == 1
    assert outbox.queue(session, offer(), key="one", now=now)


def test_preview_has_a_real_activity_and_masks_contacts_and_links(session, now) -> None:
    hub = factories.make_hub(session, name_zh="德胜里青年汇")
    worker = factories.make_coordinator(session, hub, phone="010-66668899")
    activity = factories.make_activity(session, hub, title_zh="夜读")
    factories.make_need(session, activity)
    found = letters.try_words(session, "offer", typed(heading="来{{ title }}"), by=worker.id, now=now)
    assert [one.language for one in found] == [ZH, EN]
    assert "来“夜读”" in found[0].text
    assert "德胜里青年汇" in found[0].text
    for one in found:
        assert "66668899" not in one.text + one.html
        assert "?answer=yes" not in one.text + one.html
        assert "/o/…" in one.text
    assert session.exec(select(LetterWording)).all() == []


def test_only_managers_of_the_whole_network_word_mails(session) -> None:
    top = factories.make_unit(session)
    below = factories.make_unit(session, parent=top)
    manager, lower = factories.make_manager(session, top), factories.make_manager(session, below)
    letters.require_editor(session, manager.id, top.id)
    for person, unit in ((lower, below), (lower, top), (manager, below)):
        with pytest.raises(NotYours):
            letters.require_editor(session, person.id, unit.id)
