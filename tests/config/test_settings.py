"""Settings refuse what would be dangerous, and say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import Settings, SettingsError, SmtpSecurity, settings


def test_movable_clock_is_refused_unless_portal_and_mail_are_on_this_machine(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    assert Settings(clock_file=clock).is_demo
    with pytest.raises(ValidationError, match="smtp_host is not on this machine"):
        Settings(clock_file=clock, smtp_host="mail.example.org")
    with pytest.raises(ValidationError, match="portal_url is not on this machine"):
        Settings(clock_file=clock, portal_url="https://hubs.example.org")


@pytest.mark.parametrize(
    ("host", "wanted", "security"),
    [
        ("127.0.0.1", None, SmtpSecurity.NONE),
        ("mail.example.org", None, SmtpSecurity.STARTTLS),
        ("mail.example.org", SmtpSecurity.TLS, SmtpSecurity.TLS),
    ],
)
def test_mail_leaves_this_machine_encrypted_unless_told_otherwise(
    host: str, wanted: SmtpSecurity | None, security: SmtpSecurity
) -> None:
    assert Settings(smtp_host=host, smtp_security=wanted).security == security


def test_signing_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = Settings(home=tmp_path).signing_key
    assert Settings(home=tmp_path).signing_key == first
    assert len(first) >= 32
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600


def test_every_wrong_setting_is_named_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOUTHHUB_PORTAL_PORT", "geheim")
    monkeypatch.setenv("YOUTHHUB_SMTP_PORT", "99999")
    monkeypatch.setenv("YOUTHHUB_TIME_ZONE", "Mars/Olympus")
    settings.cache_clear()
    with pytest.raises(SettingsError) as refused:
        settings()
    assert refused.value.sentence.en == (
        "The settings are wrong; mend them and try again. YOUTHHUB_PORTAL_PORT: Input should be a valid "
        "integer, unable to parse string as an integer; YOUTHHUB_SMTP_PORT: Input should be less than or equal "
        "to 65535; YOUTHHUB_TIME_ZONE: there is no such time zone; one is Asia/Shanghai."
    )
    assert "YOUTHHUB_PORTAL_PORT要填整数；YOUTHHUB_SMTP_PORT不能大于65535" in refused.value.sentence.zh
    settings.cache_clear()


def test_signing_key_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "signing.key").touch(mode=0o600)
    key = Settings(home=tmp_path).signing_key
    assert len(key) >= 32
    assert (tmp_path / "signing.key").read_text() == key
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["signing.key"]
