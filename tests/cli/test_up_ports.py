"""`up` looks at its ports before it starts anything, and says which one is taken."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import up
from cli.engine import engine_environment
from cli.ports import accepts, free_port, is_taken
from cli.up import Up, alone_in, run_up
from config.settings import Settings, settings


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation in a folder of this test's own, on free ports."""
    for name in ("PORTAL", "ENGINE", "SMTP"):
        monkeypatch.setenv(f"YOUTHHUB_{name}_PORT", str(free_port()))
    monkeypatch.setenv("YOUTHHUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YOUTHHUB_LANGUAGE", "en")
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def test_port_is_taken_only_while_somebody_has_it(taken_port: int) -> None:
    assert is_taken("127.0.0.1", taken_port)
    assert accepts("127.0.0.1", taken_port)
    assert not is_taken("127.0.0.1", free_port())
    assert not accepts("127.0.0.1", free_port())


@pytest.mark.parametrize(
    ("name", "part"), [("PORTAL", "pages"), ("ENGINE", "workflow engine"), ("SMTP", "local mail")]
)
def test_taken_port_is_a_sentence_and_nothing_is_started(
    *,
    name: str,
    part: str,
    at: Path,
    taken_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"YOUTHHUB_{name}_PORT", str(taken_port))
    monkeypatch.setattr(up, "on_ending", lambda _react: None)
    settings.cache_clear()
    assert run_up() == 1
    assert capsys.readouterr().err == (
        f"The port {taken_port} of the {part} is taken; nothing was started. "
        "Stop the program that holds it, or choose another port.\n"
    )
    assert [path.name for path in at.iterdir()] == ["up.lock"]


@pytest.mark.parametrize(
    ("host", "port", "keeps"),
    [("127.0.0.1", 2525, True), ("127.0.0.1", 25, False), ("relay.example", 2525, False)],
)
def test_mail_stays_here_only_on_a_port_that_is_no_relay_s(host: str, port: int, keeps: bool) -> None:
    assert Up(Settings(smtp_host=host, smtp_port=port)).keeps_mail is keeps


def test_engine_environment_is_silent_and_on_this_machine_only(tmp_path: Path) -> None:
    env = engine_environment(tmp_path, 4200)
    assert {
        name: env[name] for name in env if "ANALYTICS" in name or "TELEMETRY" in name or "TRACK" in name
    } == {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    }
    assert (env["PREFECT_SERVER_API_HOST"], env["PREFECT_API_URL"]) == (
        "127.0.0.1",
        "http://127.0.0.1:4200/api",
    )
    assert env["PREFECT_SERVER_EPHEMERAL_ENABLED"] == "false"


def test_second_up_in_one_home_is_refused_whatever_its_ports(
    at: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(up, "on_ending", lambda _react: None)
    with alone_in(at) as is_alone:
        assert is_alone
        assert run_up() == 1
    assert capsys.readouterr().err == (
        f"What lives in {at} is running already; it was not started a second time.\n"
    )
    assert [path.name for path in at.iterdir()] == ["up.lock"]
    with alone_in(at) as is_alone:
        assert is_alone
