"""Everything that can be configured, read once from the environment."""

from __future__ import annotations

import secrets
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SmtpSecurity(StrEnum):
    """How the connection to the mail relay is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


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
    portal_port: int = 8000
    portal_processes: int = Field(default=1, ge=1, le=32)
    engine_port: int = 4200
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 2525
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: SmtpSecurity | None = None
    """Empty means none on loopback and STARTTLS anywhere else."""
    smtp_timeout_seconds: float = 60.0
    mail_from: str = "hubs@youth-hubs.example"
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
    def signing_key(self) -> str:
        """Return the key that signs links, making and keeping one on first use."""
        return self.secret.get_secret_value() or _kept_key(self.home / "signing.key")

    @property
    def is_demo(self) -> bool:
        """Say whether this installation lives by the demo's movable clock."""
        return self.clock_file is not None

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
    """Return the settings of this process."""
    return Settings()


@lru_cache(maxsize=4)
def _kept_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()
