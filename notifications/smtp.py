"""One connection to the relay, driven step by step, so that we always know how far a mail came.

`smtplib.sendmail` raises the same error whether the server was lost before the mail or after its
last line. Only the second is doubtful, so the steps are our own. No step may take for ever: a server
that sends a byte a second would outlast the lease, so a watchman hangs up at the deadline.
"""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from threading import Event, Thread
from time import monotonic
from types import TracebackType
from typing import Self

from config.settings import LOOPBACK, SmtpSecurity, settings
from config.text import Text
from notifications.replies import CLOSING, Reply, Step

log = logging.getLogger(__name__)
FINAL_REPLY_FACTOR = 10
"""A server may think ten times longer about a whole message (RFC 5321, section 4.5.3.2)."""
ACCEPTED = range(200, 300)
GO_AHEAD = 354
LONGEST_DIALOGUE, LONGEST_FINAL_REPLY = 300.0, 600.0
"""Seconds from MAIL to the last line, and from there to the answer; together half a lease."""


class SmtpUnreachable(Exception):  # noqa: N818 -- named after what it says
    """The relay cannot be used; `sentence` says why, and every mail waits."""

    def __init__(self, code: str, sentence: Text) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class SmtpConnection:
    """A connection on which many mails go out, one after the other."""

    def __init__(self, client: smtplib.SMTP, timeout: float, watchman: Watchman) -> None:
        self._client = client
        self._timeout = timeout
        self._watchman = watchman

    def send(self, address: str, content: bytes, sender: str = "") -> Reply:
        """Send `content` to the one `address`; return the reply that decided, and never raise.

        `sender` is where bounces go, if not to the sender of all mails.
        """
        step = Step.SENDER
        self._watchman.allow(LONGEST_DIALOGUE)
        try:
            code, text = self._client.mail(sender or settings().mail_from)
            if code in ACCEPTED:
                step = Step.RECIPIENT
                code, text = self._client.rcpt(address)
            if code in ACCEPTED:
                step = Step.DATA
                code, text = self._client.docmd("DATA")
            if code == GO_AHEAD:
                self._client.send(_stuffed(content) + b".\r\n")
                step = Step.FINAL_DOT
                self._watchman.allow(LONGEST_FINAL_REPLY)
                code, text = self._final_reply()
            elif code != CLOSING:
                self._client.rset()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            log.warning("the relay was lost at step %s: %s", step, type(error).__name__)
            return Reply(step, 0)
        finally:
            self._watchman.rest()
        return Reply(step, code, text.decode("utf-8", "replace"))

    def close(self) -> None:
        """Say goodbye and hang up."""
        self._watchman.allow(self._timeout)
        try:
            self._client.quit()
        except (OSError, smtplib.SMTPException):
            self._client.close()
        finally:
            self._watchman.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _final_reply(self) -> tuple[int, bytes]:
        line = self._client.sock
        assert line is not None, "the last line has just gone out on it"
        line.settimeout(self._timeout * FINAL_REPLY_FACTOR)
        try:
            return self._client.getreply()
        finally:
            line.settimeout(self._timeout)


class Watchman:
    """A thread that cuts a connection off at its deadline; a step costs it no more than a number."""

    LOOKS_EVERY = 0.5

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client
        self._deadline = float("inf")
        self._gone = Event()
        Thread(target=self._watch, name="smtp-watchman", daemon=True).start()

    def allow(self, seconds: float) -> None:
        """Give what follows so many seconds."""
        self._deadline = monotonic() + seconds

    def rest(self) -> None:
        """Wait without a deadline."""
        self._deadline = float("inf")

    def leave(self) -> None:
        """Stop watching."""
        self._gone.set()

    def _watch(self) -> None:
        while not self._gone.wait(self.LOOKS_EVERY):
            if monotonic() > self._deadline:
                self._cut()

    def _cut(self) -> None:
        line = self._client.sock
        if line is not None:
            log.warning("the relay took too long and was cut off")
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.leave()


def relay_name() -> str:
    """Return host and port of the relay."""
    return f"{settings().smtp_host}:{settings().smtp_port}"


def connect() -> SmtpConnection:
    """Open a connection as the settings say; raise `SmtpUnreachable` with a sentence."""
    own = settings()
    client = _client()
    watchman = Watchman(client)
    watchman.allow(LONGEST_DIALOGUE)
    try:
        _greet(client)
    except (OSError, smtplib.SMTPException) as error:
        watchman.leave()
        client.close()
        # The type alone: a refused login quotes what was sent.
        log.warning("the relay cannot be used: %s", type(error).__name__)
        raise _unreachable(error) from None
    watchman.rest()
    return SmtpConnection(client, own.smtp_timeout_seconds, watchman)


def _client() -> smtplib.SMTP:
    own = settings()
    if own.security is SmtpSecurity.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            timeout=own.smtp_timeout_seconds, context=ssl.create_default_context()
        )
    else:
        client = smtplib.SMTP(timeout=own.smtp_timeout_seconds)
    # smtplib checks the certificate's name against this, which only its constructor sets; and that
    # would connect at once, before anybody watches.
    vars(client)["_host"] = own.smtp_host
    return client


def _greet(client: smtplib.SMTP) -> None:
    own = settings()
    if own.security is SmtpSecurity.NONE and own.smtp_user and own.smtp_host not in LOOPBACK:
        raise smtplib.SMTPNotSupportedError("a password never leaves this machine in clear")
    code, _ = client.connect(own.smtp_host, own.smtp_port)
    if code not in ACCEPTED:
        raise smtplib.SMTPConnectError(code, b"")
    client.ehlo_or_helo_if_needed()
    if own.security is SmtpSecurity.STARTTLS:
        client.starttls(context=ssl.create_default_context())
        client.ehlo()
    if own.smtp_user:
        client.login(own.smtp_user, own.smtp_password.get_secret_value())


def _unreachable(error: Exception) -> SmtpUnreachable:
    where = relay_name()
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return SmtpUnreachable(
            "smtp_login_refused",
            Text(
                f"邮件服务器{where}不认我们的用户名或密码：检查YOUTHHUB_SMTP_USER和YOUTHHUB_SMTP_PASSWORD。",
                f"The mail server {where} refuses our user name or password: check YOUTHHUB_SMTP_USER and "
                "YOUTHHUB_SMTP_PASSWORD.",
            ),
        )
    if isinstance(error, (ssl.SSLError, smtplib.SMTPNotSupportedError)):
        return SmtpUnreachable(
            "smtp_not_secure",
            Text(
                f"和邮件服务器{where}建立不了可信的加密连接，所以什么也没发。",
                f"No trusted encrypted connection to the mail server {where} can be made, so nothing was sent.",
            ),
        )
    return SmtpUnreachable(
        "smtp_unreachable",
        Text(f"连不上邮件服务器{where}。", f"The mail server {where} cannot be reached."),
    )


def _stuffed(content: bytes) -> bytes:
    # A line that begins with a dot gets a second one (RFC 5321, section 4.5.2).
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return whole.replace(b"\r\n.", b"\r\n..") if b"\r\n." in whole else whole
