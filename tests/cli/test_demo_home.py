import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import Session, select

from cli.demo import home as homes
from cli.demo.home import settle
from cli.demo.memory import MemoryWatch, family
from config import clock
from config.settings import settings
from models import Hub, Installation, schema
from models.session import engine_for, make_engine, open_session
from services.errors import HubError
from tests.factories import make_hub


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)
    settings.cache_clear()
    engine_for.cache_clear()


def refusal(keep: Path | None, database: str | None = None) -> str:
    with pytest.raises(HubError) as refused:
        settle(keep=keep, database=database)
    (reason,) = refused.value.refusals
    return reason.code


def test_home_is_settled_with_a_demo_database_its_clock_and_settings_that_outlive_it(tmp_path):
    home = settle(keep=tmp_path / "demo", database=None)
    with open_session() as session:
        assert session.get_one(Installation, 1).is_demo
    assert clock.now().isoformat() == "2026-11-23T00:00:00+00:00"
    assert settings().portal_url == home.portal_url
    kept = dict(line.split("=", 1) for line in (home.folder / ".env").read_text().splitlines())
    assert kept == home.environment()
    assert len({home.portal_port, home.smtp_port, home.engine_port}) == 3


def test_settings_of_another_installation_do_not_leak_in(tmp_path, monkeypatch):
    monkeypatch.setenv("YOUTHHUB_SMTP_USER", "relay-user")
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "zh")
    settle(keep=tmp_path / "demo", database=None)
    assert settings().smtp_user == ""
    assert os.environ["YOUTHHUB_LANGUAGE"] == "zh"


def test_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert refusal(tmp_path) == "folder_not_empty"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_full_disk_is_refused_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setattr(homes.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1024))
    assert refusal(tmp_path / "demo") == "disk_full"


def test_database_with_other_data_is_left_alone(database):
    engine = make_engine(database)
    with Session(engine) as session, session.begin():
        make_hub(session)
    assert refusal(None, database) == "not_a_demo"
    with Session(engine) as session:
        assert len(session.exec(select(Hub)).all()) == 1
    engine.dispose()


def test_database_of_an_earlier_demo_is_used_afresh(database, tmp_path):
    engine = make_engine(database)
    with Session(engine) as session, session.begin():
        session.add(Installation(is_demo=True))
        make_hub(session)
    settle(keep=tmp_path / "demo", database=database)
    with Session(engine) as session:
        assert session.exec(select(Hub)).all() == []
        assert session.get_one(Installation, 1).is_demo
    schema.require_current(engine)
    engine.dispose()


def test_family_is_this_process_and_its_children():
    assert family(os.getpid())[0] == os.getpid()


def test_memory_watch_sees_at_least_this_process(monkeypatch):
    monkeypatch.setattr("cli.demo.memory.EVERY_SECONDS", 0.01)
    with MemoryWatch() as watch:
        while not watch.peak:
            pass
    assert watch.peak_bytes is not None
    assert watch.peak_bytes > 10_000_000
