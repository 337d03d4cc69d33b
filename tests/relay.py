"""A real SMTP server for tests, on a free port, that can be told to refuse or to hang up."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

# ruff: noqa: ARG002 -- the signatures of the handlers are aiosmtpd's

HANG_UP = "hang up"
ACCEPT = "250 OK"


@dataclass
class Relay:
    """What arrived, and what the next dialogues are answered with; each answer is used once."""

    port: int = 0
    received: list[tuple[list[str], bytes]] = field(default_factory=list)
    connections: int = 0
    on_mail: list[str] = field(default_factory=list)
    on_rcpt: list[str] = field(default_factory=list)
    before_data: list[str] = field(default_factory=list)
    after_data: list[str] = field(default_factory=list)
    """Answers to the last line, when the mail is already stored."""

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=default) for _, content in self.received]  # type: ignore[misc] -- the policy decides the class

    @property
    def recipients(self) -> list[str]:
        return [address for addresses, _ in self.received for address in addresses]

    async def handle_EHLO(
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = _next(self.on_mail, server)
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = _next(self.on_rcpt, server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        early = _next(self.before_data, server)
        if early != ACCEPT:
            return early
        self.received.append((list(envelope.rcpt_tos), envelope.content))
        return _next(self.after_data, server)


def _next(answers: list[str], server: SMTP) -> str:
    answer = answers.pop(0) if answers else ACCEPT
    if answer != HANG_UP:
        return answer
    server.transport.abort()
    raise asyncio.CancelledError


@contextmanager
def running_relay(port: int = 0, **options: Any) -> Iterator[Relay]:
    """Run a relay until the block ends; `options` are aiosmtpd's, as an authenticator."""
    relay = Relay(port=port or free_port())
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port, **options)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
