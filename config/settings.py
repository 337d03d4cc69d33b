"""Everything that can be configured, read once from the environment."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.text import Text

Port = Annotated[int, Field(ge=1, le=65_535)]
WRONG_ZH = {
    "int_parsing": "要填整数",
    "float_parsing": "要填数字",
    "greater_than": "要大于{gt}",
    "greater_than_equal": "不能小于{ge}",
    "less_than_equal": "不能大于{le}",
    "string_pattern_mismatch": "只能填{pattern}里的一个",
    "enum": "只能填{expected}",
}
"""What pydantic says in English only, by its types of fault."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SmtpSecurity(StrEnum):
    """How the connection to the mail relay is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SettingsError(Exception):
    """A setting has a value that cannot be used; `sentence` names it and says what is wrong."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.en)
        self.sentence = sentence


class Settings(BaseSettings):
    """Hold the settings of one installation; each is the variable YOUTHHUB_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="YOUTHHUB_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("var")
    """Folder of everything that this installation writes: database, mail, reports, engine."""
    database_url: str = ""
    """SQLAlchemy URL; empty means SQLite in `home`."""
    secret: SecretStr = SecretStr("")
    """Key that signs links; empty means one that is made once and kept in `home`."""
    portal_url: str = "http://127.0.0.1:8000"
    """Address under which people reach the portal; links in mails begin with it."""
    portal_host: str = "127.0.0.1"
    portal_port: Port = 8000
    portal_processes: int = Field(default=1, ge=1, le=32)
    engine_port: Port = 4200
    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 2525
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: SmtpSecurity | None = None
    """Empty means none on loopback and STARTTLS anywhere else."""
    smtp_timeout_seconds: float = Field(default=60.0, gt=0)
    relay_log: Path | None = None
    """Log of a relay on this machine, where a doubtful mail is looked for; empty means that of our own."""
    quiet_hours: str = Field(default="21-8", pattern=r"^((1?\d|2[0-3])-(1?\d|2[0-3]))?$")
    """Hours of the reader's day in which only urgent mail leaves, until the network decides; empty: none."""
    hold_minutes: int = Field(default=15, ge=0, le=240)
    """How long news that is not urgent waits for other news of the same person; 0 means not at all."""
    return_path: str = ""
    """Where bounces and answers come back, as bounces@hubs.example: each mail gets a signed address of its
    own below it (bounces+...@); empty means the sender of all mails, of which nothing can be told."""
    inbox: str = ""
    """The mailbox of `return_path`: a Maildir's folder, or imaps://user@host/INBOX."""
    inbox_password: SecretStr = SecretStr("")
    mail_from: str = "hubs@youth-hubs.example"
    dkim_key: Path | None = None
    """RSA key that signs our mails, as PEM; empty means that the relay signs, or nobody."""
    dkim_selector: str = Field(default="hubs", pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,60}[A-Za-z0-9])?$")
    """Under which name its public half is published: <selector>._domainkey.<our domain>."""
    network_name: str = "社区青年汇"
    network_name_en: str = "Youth Hub Network"
    clock_file: Path | None = None
    """A file that holds the time, for the demo only; empty means the machine's clock."""
    time_zone: str = "Asia/Shanghai"
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @property
    def database(self) -> str:
        """Return the URL of the database."""
        return self.database_url or f"sqlite:///{(self.home / 'youthhub.sqlite3').resolve()}"

    @property
    def security(self) -> SmtpSecurity:
        """Return how the relay's connection is protected: never in clear off this machine unasked."""
        if self.smtp_security is not None:
            return self.smtp_security
        return SmtpSecurity.NONE if self.smtp_host in LOOPBACK else SmtpSecurity.STARTTLS

    @property
    def quiet(self) -> tuple[int, int]:
        """Return the hours between which only urgent mail leaves; equal ones mean none."""
        start, _, end = self.quiet_hours.partition("-")
        return (int(start), int(end)) if end else (0, 0)

    @property
    def mail_log(self) -> Path:
        """Return the log of the relay on this machine, which may not be there."""
        return self.relay_log or self.home / "mail" / "journal.log"

    @property
    def signing_key(self) -> str:
        """Return the key that signs links, making and keeping one on first use."""
        return self.secret.get_secret_value() or _kept_key(self.home / "signing.key")

    @property
    def is_demo(self) -> bool:
        """Say whether this installation lives by the demo's movable clock."""
        return self.clock_file is not None

    @field_validator("time_zone")
    @classmethod
    def _time_zone_is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("there is no such time zone; one is Asia/Shanghai") from None
        return value

    @model_validator(mode="after")
    def _movable_clock_belongs_to_the_demo(self) -> Self:
        if self.clock_file is None:
            return self
        strangers = [
            name
            for name, host in (
                ("portal_url", urlsplit(self.portal_url).hostname),
                ("smtp_host", self.smtp_host),
            )
            if host not in LOOPBACK
        ]
        if strangers:
            raise ValueError(
                f"a movable clock is for the demo only, and {' and '.join(strangers)} is not on this machine; "
                "unset YOUTHHUB_CLOCK_FILE"
            )
        return self


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process; raises `SettingsError` naming every one that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_wrong_settings(error)) from None


def _wrong_settings(error: ValidationError) -> Text:
    # The value itself stays unsaid: it may be a password.
    faults = error.errors(include_input=False, include_url=False)
    told = [
        Text(f"{name}{_wrong_zh(fault)}", f"{name}: {fault['msg'].removeprefix('Value error, ')}")
        for fault in faults
        for name in ["、".join(f"YOUTHHUB_{str(part).upper()}" for part in fault["loc"])]
    ]
    return Text(
        f"设置不对，改了再来：{'；'.join(text.zh for text in told)}。",
        f"The settings are wrong; mend them and try again. {'; '.join(text.en for text in told)}.",
    )


def _wrong_zh(fault: ErrorDetails) -> str:
    limits = {name: value for name, value in fault.get("ctx", {}).items() if name != "error"}
    template = WRONG_ZH.get(fault["type"], "：{msg}")
    return template.format(**limits, msg=fault["msg"].removeprefix("Value error, "))


@lru_cache(maxsize=4)
def _kept_key(path: Path) -> str:
    with suppress(FileNotFoundError):
        if key := path.read_text(encoding="utf-8").strip():
            return key
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        # Whole or not at all: a key that a full disk cut short would sign with nothing.
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="utf-8")
        _put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()


def _put_in_place(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # of two processes the first one wins, and both read its key
    except FileExistsError:
        if not path.stat().st_size:
            draft.replace(path)
