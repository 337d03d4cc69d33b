"""One connection to the relay, driven step by step, so that we always know how far a mail came.

`smtplib.sendmail` raises the same error whether the server was lost before the mail or after its
last line. Only the second is doubtful, so the steps are our own.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from types import TracebackType
from typing import Self

from config.settings import SmtpSecurity, settings
from config.text import Text
from notifications.replies import CLOSING, Reply, Step

log = logging.getLogger(__name__)
FINAL_REPLY_FACTOR = 10
"""A server may think ten times longer about a whole message (RFC 5321, section 4.5.3.2)."""
ACCEPTED = range(200, 300)
GO_AHEAD = 354


class SmtpUnreachable(Exception):  # noqa: N818 -- named after what it says
    """The relay cannot be used; `sentence` says why, and every mail waits."""

    def __init__(self, code: str, sentence: Text) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class SmtpConnection:
    """A connection on which many mails go out, one after the other."""

    def __init__(self, client: smtplib.SMTP, timeout: float) -> None:
        self._client = client
        self._timeout = timeout

    def send(self, address: str, content: bytes) -> Reply:
        """Send `content` to the one `address`; return the reply that decided, and never raise."""
        step = Step.SENDER
        try:
            code, text = self._client.mail(settings().mail_from)
            if code in ACCEPTED:
                step = Step.RECIPIENT
                code, text = self._client.rcpt(address)
            if code in ACCEPTED:
                step = Step.DATA
                code, text = self._client.docmd("DATA")
            if code == GO_AHEAD:
                self._client.send(_stuffed(content) + b".\r\n")
                step = Step.FINAL_DOT
                code, text = self._final_reply()
            elif code != CLOSING:
                self._client.rset()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            log.warning("the relay was lost at step %s: %s", step, type(error).__name__)
            return Reply(step, 0)
        return Reply(step, code, text.decode("utf-8", "replace"))

    def close(self) -> None:
        """Say goodbye and hang up."""
        try:
            self._client.quit()
        except (OSError, smtplib.SMTPException):
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _final_reply(self) -> tuple[int, bytes]:
        socket = self._client.sock
        assert socket is not None, "the last line has just gone out on it"
        socket.settimeout(self._timeout * FINAL_REPLY_FACTOR)
        try:
            return self._client.getreply()
        finally:
            socket.settimeout(self._timeout)


def connect() -> SmtpConnection:
    """Open a connection as the settings say; raise `SmtpUnreachable` with a sentence."""
    own = settings()
    # Reading the machine's certificates takes 20 ms, which a connection in clear can do without.
    context = None if own.security is SmtpSecurity.NONE else ssl.create_default_context()
    try:
        client = _client(context)
        client.ehlo_or_helo_if_needed()
        if own.security is SmtpSecurity.STARTTLS:
            client.starttls(context=context)
            client.ehlo()
        if own.smtp_user:
            client.login(own.smtp_user, own.smtp_password.get_secret_value())
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the relay cannot be used: %s", type(error).__name__)
        raise _unreachable(error) from error
    return SmtpConnection(client, own.smtp_timeout_seconds)


def _client(context: ssl.SSLContext | None) -> smtplib.SMTP:
    own = settings()
    if own.security is SmtpSecurity.TLS:
        return smtplib.SMTP_SSL(
            own.smtp_host, own.smtp_port, timeout=own.smtp_timeout_seconds, context=context
        )
    return smtplib.SMTP(own.smtp_host, own.smtp_port, timeout=own.smtp_timeout_seconds)


def _unreachable(error: Exception) -> SmtpUnreachable:
    where = f"{settings().smtp_host}:{settings().smtp_port}"
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
