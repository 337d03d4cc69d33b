"""Send one made-up mail through the relay, and say what the relay answered; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from config.settings import settings
from config.text import Refusal, Text
from models.states import MessageState
from notifications import dkim, smtp
from notifications.addresses import normalise
from notifications.kinds import KINDS
from notifications.mime import build, message_id, number_of
from notifications.reason_words import words_of
from notifications.render import render
from notifications.replies import Reply, judge
from notifications.samples import NOW, samples
from services.errors import HubError, NotFound


@dataclass(frozen=True)
class Trial:
    """Hold how the relay took a sample: its answer as it was, and what we make of it."""

    is_accepted: bool
    relay: str
    security: str
    step: str
    code: int
    answer: str
    message_id: str
    sentence: Text


def send_sample(address: str, kind: str, language: str, *, now: datetime) -> Trial:
    """Send the sample of `kind` to `address`; raises `HubError` when it cannot be addressed or sent."""
    to_address = normalise(address)
    if isinstance(to_address, Refusal):
        raise HubError(to_address)
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        sentence = Text(
            f"没有“{kind}”这种邮件。有的是：{known}。", f"There is no kind “{kind}”. There are: {known}."
        )
        raise NotFound(Refusal("unknown_kind", sentence, field="kind"))
    sample = next(mail for mail in samples(language) if mail.kind == kind)
    mail = replace(sample, to=replace(sample.to, address=to_address))
    number = number_of(f"test:{kind}:{to_address}:{now.isoformat()}")
    try:
        content = dkim.signed(build(mail, render(mail, now=NOW), to_address, number=number, now=now))
        with smtp.connect() as connection:
            reply = connection.send(to_address, content)
    except smtp.SmtpUnreachable as error:
        raise HubError(Refusal(error.code, error.sentence)) from error
    except dkim.KeyUnusable as error:
        raise HubError(Refusal("no_signing_key", error.sentence)) from error
    return _trial(reply, message_id(number))


def _trial(reply: Reply, sent_as: str) -> Trial:
    verdict = judge(reply)
    accepted = verdict.state is MessageState.SENT
    said = Text(
        "{relay}收下了（{security}）。信的编号是{id}，到邮箱里看看。",
        "{relay} accepted it ({security}). Its Message-ID is {id}; look into the mailbox.",
    )
    if not accepted:
        said = Text(
            "{relay}没有收：{why}。它的原话：{code} {answer}",
            "{relay} did not accept it: {why}. It said: {code} {answer}",
        )
    security = str(settings().security)
    sentence = said.format(
        relay=smtp.relay_name(), security=security, id=sent_as, why=words_of(verdict.reason),
        code=reply.code, answer=" ".join(reply.text.split()),
    )  # fmt: skip
    return Trial(accepted, smtp.relay_name(), security, reply.step, reply.code, reply.text, sent_as, sentence)
