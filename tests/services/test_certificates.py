"""Certificates: issued at once from what counts, the same one twice, verified by number, honest about changes."""

from __future__ import annotations

import re
import zlib
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from models import Certificate
from services import certificates, hours_corrections
from services.certificates import CertificateForm, Standing
from services.errors import HubError, NotFound, NotYours
from tests.factories import NOW
from tests.services.test_hours import TODAY, Desk

YEAR = CertificateForm("2026-01-01", "2026-11-23")


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def issue(
    desk: Desk, form: CertificateForm = YEAR, language: str = "zh-Hans", **over: int
) -> certificates.Issued:
    return certificates.issue(desk.session, desk.volunteer.id, form, language=language, now=NOW, **over)


def test_certificate_counts_what_counts_and_its_number_is_verified(desk: Desk) -> None:
    desk.serve(90)
    desk.serve(60, counts=False)
    desk.serve(600, date(2025, 12, 31))
    issued = issue(desk)
    assert (issued.minutes, issued.pdf[:5]) == (90, b"%PDF-")
    assert re.fullmatch(r"2026-\d{6}-[0-9A-HJKMNP-TV-Z]{5}", issued.number)
    found = certificates.verify(desk.session, f" {issued.number.lower()} ", now=NOW)
    assert (
        found.standing,
        found.minutes,
        found.first_day,
        found.last_day,
        found.issuer and found.issuer.zh,
    ) == (
        Standing.VALID,
        90,
        date(2026, 1, 1),
        TODAY,
        desk.hub.name_zh,
    )
    assert found.name == desk.volunteer.name[0] + "*" * (len(desk.volunteer.name) - 1)


def test_same_certificate_asked_twice_is_one_and_the_same_file(desk: Desk) -> None:
    desk.serve(90)
    first, again = issue(desk), issue(desk)
    assert (again.again, again.number, again.pdf) == (True, first.number, first.pdf)
    desk.serve(30)
    assert issue(desk).number != first.number


def test_identity_number_is_printed_and_kept_nowhere(desk: Desk) -> None:
    desk.serve(90)
    issue(desk, CertificateForm("2026-01-01", "2026-11-23", "id_card", "110102199805010011"))
    (row,) = desk.session.exec(select(Certificate))
    assert "110102199805010011" not in repr(row.model_dump())


def test_wrong_fields_are_named_at_once(desk: Desk) -> None:
    with pytest.raises(HubError) as refused:
        issue(desk, CertificateForm("1/1", "31/12", "driver", ""))
    assert [one.field for one in refused.value.refusals] == ["first_day", "last_day", "id_kind", "id_number"]
    with pytest.raises(HubError, match="certificate_order"):
        issue(desk, CertificateForm("2026-11-01", "2026-10-01"))


def test_nothing_that_counts_is_nothing_to_certify(desk: Desk) -> None:
    desk.serve(60, counts=False)
    with pytest.raises(HubError, match="certificate_no_hours"):
        issue(desk)
    assert desk.session.exec(select(Certificate)).all() == []


def test_hours_set_right_afterwards_show_when_the_number_is_verified(desk: Desk) -> None:
    entry = desk.serve(90)
    number = issue(desk).number
    desk.serve(60)
    assert certificates.verify(desk.session, number, now=NOW).standing == Standing.VALID
    hours_corrections.correct(desk.session, entry.id, 0, reason="没来", by=desk.worker.id, now=NOW)
    found = certificates.verify(desk.session, number, now=NOW)
    assert (found.standing, found.minutes, found.minutes_now) == (Standing.CHANGED, 90, 60)


def test_revoked_certificate_says_so_and_a_new_one_gets_another_number(desk: Desk) -> None:
    desk.serve(90)
    number = issue(desk).number
    with pytest.raises(NotYours):
        certificates.revoke(desk.session, number, by=desk.outsider.id, reason="x", now=NOW)
    with pytest.raises(HubError, match="certificate_reason"):
        certificates.revoke(desk.session, number, by=desk.worker.id, reason=" ", now=NOW)
    for again in (False, True):
        done = certificates.revoke(desk.session, number, by=desk.worker.id, reason="名字写错了", now=NOW)
        assert done.again is again
    assert certificates.verify(desk.session, number, now=NOW).standing == Standing.REVOKED
    assert issue(desk).number != number


def test_number_is_known_however_it_was_typed(desk: Desk) -> None:
    desk.serve(90)
    number = issue(desk).number
    typed = f" {number.lower()}".replace("-", "－").replace("2", "２")
    assert certificates.verify(desk.session, typed, now=NOW).standing == Standing.VALID
    done = certificates.revoke(desk.session, typed, by=desk.worker.id, reason="名字写错了", now=NOW)
    assert (done.number, done.again) == (number, False)


def test_number_of_nobody_is_unknown(desk: Desk) -> None:
    assert certificates.verify(desk.session, "2026-000001-AAAAA", now=NOW).standing == Standing.UNKNOWN
    with pytest.raises(NotFound):
        certificates.revoke(desk.session, "2026-000001-AAAAA", by=desk.worker.id, reason="x", now=NOW)


def test_staff_of_the_own_hub_may_issue_it_and_strangers_may_not(desk: Desk) -> None:
    desk.serve(90)
    with pytest.raises(NotYours):
        issue(desk, by=desk.outsider.id)
    assert issue(desk, by=desk.worker.id).minutes == 90


def test_name_that_cannot_be_printed_is_refused_and_no_number_is_used_up(desk: Desk) -> None:
    desk.serve(90)
    desk.volunteer.name = "叶\U0001f600"
    desk.session.flush()
    with pytest.raises(HubError, match="glyph_missing"):
        issue(desk)


def test_day_above_its_cap_is_certified_up_to_the_cap(desk: Desk) -> None:
    for minutes in (500, 500):
        desk.serve(minutes, TODAY - timedelta(days=1))
    assert issue(desk).minutes == 720


def test_certificate_is_tagged_and_carries_a_link_to_its_check(desk: Desk) -> None:
    desk.serve(90)
    issued = issue(desk, language="en")
    parts = [issued.pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", issued.pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(packed))
        except zlib.error:
            continue
    assert f"/certificates/{issued.number}".encode() in b"\n".join(parts)
