"""`youthhub funding` at the command line: what hubs asked for, one application whole, and what it refuses."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from services import funding_lines, scopes
from services.errors import NotFound
from tests.factories import NOW
from tests.services.funding_cast import hand_in, make_cast


def test_list_and_show_say_what_stands_in_the_database(session: Session) -> None:
    cast = make_cast(session)
    found = hand_in(session, cast)
    hubs = scopes.hubs_in_scope(session, hub=cast.hub.code)
    (line,) = funding_lines.lines(session, hubs, "under_review")
    assert (line.number, line.amount_fen, line.state) == (found.id, 1_560_050, "under_review")
    assert line.sentence.zh.endswith("夜校：六门手艺课：15,600.50元，审批中，花了0元。")
    assert funding_lines.lines(session, hubs, "closed") == []
    view = funding_lines.one(session, found.id or 0, now=NOW)
    assert view is not None
    shown = [sentence.en.split()[0] for sentence in funding_lines.sentences(view)]
    assert shown[1:3] == ["fees", "materials"]
    assert len(shown) == 6


def test_state_that_there_is_not_is_refused_with_those_that_there_are(session: Session) -> None:
    with pytest.raises(NotFound) as refused:
        funding_lines.lines(session, None, "lost")
    assert "under_review" in refused.value.sentence.en
