"""`youthhub series`: what a change would do is shown first, its seal does it, and one step undoes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from click.testing import Result
from sqlmodel import select
from typer.testing import CliRunner

from cli.series import series_app
from config import clock
from config.settings import settings
from models import Activity, BulkChange, Venue
from models.session import engine_for, open_session
from services import schedule
from services.errors import HubError
from tests import factories

Series = Callable[..., Result]


@pytest.fixture
def series(sqlite_database: str, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[Series]:
    """Run `youthhub series` at a fixed time, on a hub with two Saturdays on which somebody counts."""
    monkeypatch.setenv("YOUTHHUB_DATABASE_URL", sqlite_database)
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    monkeypatch.setattr(clock, "now", lambda: now)
    settings.cache_clear()
    with open_session() as session:
        hub = factories.make_hub(session, code="XC-001")
        factories.save(session, Venue(code="V-1", hub_id=hub.id, name="活动室"))
        factories.make_series(session, hub, code="R-fix", title_zh="修理角", title_en="Repair corner")
        schedule.plan_activities(session, now=now, until=date(2026, 12, 6))
        first = session.exec(select(Activity)).first()
        helper = factories.make_volunteer(session, hub)
        factories.make_offer(session, factories.make_need(session, first, taken=1), helper, state="accepted")

    def run(*words: str) -> Result:
        return CliRunner().invoke(series_app, list(words))

    yield run
    engine_for(sqlite_database).dispose()
    settings.cache_clear()


def weekdays() -> set[int]:
    with open_session() as session:
        found = session.exec(select(Activity).where(Activity.state == "published")).all()
        return {one.starts_at.weekday() for one in found}


def seal_of(series: Series, *words: str) -> str:
    return json.loads(series(*words, "--json", "-").stdout)["seal"]


SUNDAYS = ("change", "R-fix", "--when", "每周日 14:00", "--reason", "周日人多")


def test_list_names_series_and_what_can_be_undone(series: Series) -> None:
    said = series("show", "--hub", "XC-001").stdout
    assert "R-fix  Repair corner, Every Saturday at 14:00" in said
    assert "can be undone, 1: 2 activities planned" in said


def test_change_is_shown_first_and_done_with_its_seal(series: Series) -> None:
    shown = series(*SUNDAYS)
    assert "2 moved, 0 cancelled, 4 added; 1 person is told." in shown.stdout
    assert "Saturday 28 Nov, 14:00 moves to Sunday 29 Nov, 14:00; people told: 1" in shown.stdout
    assert weekdays() == {5}
    done = series(*SUNDAYS, "--seal", seal_of(series, *SUNDAYS))
    assert "it can be undone" in done.stdout
    assert weekdays() == {6}


def test_seal_of_something_else_changes_nothing(series: Series) -> None:
    seal = seal_of(series, *SUNDAYS)
    other = series("change", "R-fix", "--when", "每周日 15:00", "--reason", "周日人多", "--seal", seal)
    assert isinstance(other.exception, HubError)
    assert weekdays() == {5}


def test_end_is_undone_with_its_effect_shown(series: Series) -> None:
    words = ("end", "R-fix", "--on", "2026-11-30", "--reason", "不办了")
    assert "0 moved, 1 cancelled, 0 added; 0 people are told." in series(*words).stdout
    series(*words, "--seal", seal_of(series, *words))
    with open_session() as session:
        number = str(session.exec(select(BulkChange).where(BulkChange.kind == "series")).one().id)
    assert "as before" in series("undo", number).stdout
    done = series("undo", number, "--seal", seal_of(series, "undo", number))
    assert "Undone: 1 activity is as before" in done.stdout
    again = series("undo", number)
    assert isinstance(again.exception, HubError)


def test_closing_names_what_falls_out(series: Series) -> None:
    words = ("close", "XC-001", "2026-11-27", "2026-11-29", "--reason", "装修")
    shown = series(*words)
    assert "“Repair corner” on Saturday 28 Nov, 14:00 is cancelled; people told: 1" in shown.stdout
    done = json.loads(series(*words, "--seal", seal_of(series, *words), "--json", "-").stdout)
    assert (done["cancelled"], done["told"]) == (1, 1)


def test_json_bears_no_names(series: Series) -> None:
    lines = json.loads(series(*SUNDAYS, "--json", "-").stdout)["lines"]
    assert set(lines[0]) == {"step", "activity", "was", "becomes", "people"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("change", "R-none", "--minutes", "60"), "unknown_series"),
        (("change", "R-fix", "--when", "有空就办"), "bad_rule"),
        (("change", "R-fix", "--room", "V-9"), "unknown_room"),
        (("close", "XC-999", "2026-11-27", "2026-11-29"), "unknown_hub"),
        (("close", "XC-001", "2026-11-29", "2026-11-27"), "bad_days"),
        (("undo", "999"), "no_such_change"),
        (("show", "--hub", "XC-01"), "unknown_hub"),
    ],
)
def test_wrong_input_is_refused(series: Series, words: tuple[str, ...], code: str) -> None:
    said = series(*words)
    assert isinstance(said.exception, HubError)
    assert [one.code for one in said.exception.refusals] == [code]


def test_change_of_nothing_is_wrong_usage(series: Series) -> None:
    assert series("change", "R-fix").exit_code == 2


def test_old_change_cannot_be_undone(series: Series, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=15))
    said = series("undo", "1")
    assert isinstance(said.exception, HubError)
    assert [one.code for one in said.exception.refusals] == ["change_too_old"]
