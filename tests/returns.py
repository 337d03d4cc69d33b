"""Mails that come back, as real servers write them, about a mail of ours."""

from __future__ import annotations


def dsn(to: str, said: str, *, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery status notification (RFC 3464) as Postfix writes it."""
    return (
        "Return-Path: <>\r\n"
        f"Delivered-To: {to}\r\n"
        "From: MAILER-DAEMON@mx.people.example (Mail Delivery System)\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"To: {to}\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="A"\r\n'
        "\r\n"
        "--A\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host mx.people.example.\r\n<v@people.example>: {said}\r\n"
        "--A\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.people.example\r\n\r\n"
        "Final-Recipient: rfc822; v@people.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp;\r\n {said}\r\n"
        "--A\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        "Subject: user unknown is only in our subject\r\n"
        "--A--\r\n"
    ).encode()


def plain_bounce(to: str, words: str, *, charset: str = "utf-8") -> bytes:
    """A bounce in words only, as older and Chinese servers write it."""
    return (
        f"From: PostMaster@mx.people.example\r\nTo: {to}\r\nSubject: failure notice\r\n"
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{words}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nno such user\r\n"
    ).encode(charset)


def complaint(to: str, original: str) -> bytes:
    """A complaint (RFC 5965) with the headers of the mail that somebody called spam."""
    return (
        f"From: feedback@provider.example\r\nTo: {to}\r\nSubject: FW: spam\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        "--B\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"
        f"--B\r\nContent-Type: message/rfc822\r\n\r\n{original}\r\n--B--\r\n"
    ).encode()


def letter(to: str, words: str, *, sender: str = "v@people.example", more: str = "") -> bytes:
    """What a person writes back."""
    return (
        f"From: Lin <{sender}>\r\nTo: {to}\r\nSubject: Re: x\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n"
    ).encode()
