"""The network words its own mails: passage by passage, kept as versions, tried before they count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session, col, select

from config.text import Language, Refusal, Text
from models import LetterWording, Person, Unit
from notifications.kind_names import KIND_NAMES
from notifications.passages import Passage, passages_of
from notifications.rewording import faults
from notifications.wordings import KEPT_IN_SESSION, Passages, own_wordings
from services import audit
from services.access import may_release
from services.errors import HubError, NotFound, NotYours
from services.letters_preview import Preview, previews
from services.queries import id_of, required

Words: TypeAlias = dict[str, dict[str, str]]
LONGEST_REASON = 200
NOT_YOURS = Refusal(
    "not_your_letters",
    Text(
        "邮件的措辞由全网络的管理员定。要改，请找他们。",
        "How mails are worded is decided by the managers of the whole network. Ask them for a change.",
    ),
)


@dataclass(frozen=True)
class LetterLine:
    """Show one kind of mail in the list."""

    kind: str
    name: Text
    can_change: bool
    own: int
    """How many passages have words of the network's own."""
    set_at: datetime | None = None


@dataclass(frozen=True)
class Version:
    """Show one version in the history: when, who, what (names of the parts) and why."""

    version_id: int
    set_at: datetime
    by: str
    parts: tuple[Text, ...]
    """Empty: back to the built-in words."""
    reason: str
    counts: bool


@dataclass(frozen=True)
class Letter:
    """Show one kind of mail to who words it."""

    kind: str
    name: Text
    passages: tuple[Passage, ...]
    own: Passages
    history: tuple[Version, ...]
    orphans: int
    """Own passages whose built-in sentence has changed since, so that they are not used."""

    def words(self, passage: Passage, language: str) -> str:
        """Return what counts now, as somebody would edit it."""
        return self.own.get(passage.key, {}).get(language) or passage.sources[language]


def require_editor(session: Session, person_id: int, unit_id: int) -> None:
    """Raise `NotYours` unless the person manages the top unit of the tree."""
    unit = required(session, Unit, unit_id)
    if unit.parent_id is not None or not may_release(session, person_id, unit_id):
        raise NotYours(NOT_YOURS)


def letters(session: Session) -> tuple[LetterLine, ...]:
    """Return every kind of mail, those with own words first."""
    newest = {row.kind: row for row in _versions(session)}
    lines = []
    for kind, name in KIND_NAMES.items():
        row = newest.get(kind)
        own = len(row.passages) if row else 0
        lines.append(
            LetterLine(kind, name, bool(passages_of(kind)), own, row.set_at if row and own else None)
        )
    return tuple(sorted(lines, key=lambda line: (not line.own, not line.can_change)))


def letter(session: Session, kind: str) -> Letter:
    """Return one kind of mail; raises `NotFound` where there is none, or none that may be worded."""
    passages = _passages(kind)
    own = own_wordings(session).get(kind, {})
    known = {passage.key for passage in passages}
    return Letter(
        kind, KIND_NAMES[kind], passages, own, tuple(_history(session, kind)), len(own.keys() - known)
    )


def try_words(
    session: Session, kind: str, typed: Mapping[str, str], *, by: int, now: datetime
) -> tuple[Preview, ...]:
    """Return how the mail would read; raises `HubError` with every fault, and changes nothing."""
    return previews(session, kind, _checked(kind, typed), by=by, now=now)


def reword(
    session: Session, kind: str, typed: Mapping[str, str], *, by: int, now: datetime, reason: str = ""
) -> bool:
    """Let these words count from the next mail on; return False where they count already.

    A field is "{passage}-{language}"; what is empty, or as built in, is the built-in words. Raises
    `HubError` with every fault, and nothing is kept then.
    """
    words = _checked(kind, typed)
    previews(session, kind, words, by=by, now=now)
    return _keep(session, kind, words, by, now, reason)


def go_back(
    session: Session, kind: str, version_id: int | None = None, *, by: int, now: datetime, reason: str = ""
) -> bool:
    """Go back to an earlier version, or with None to the built-in words; history keeps all of them."""
    _passages(kind)
    if version_id is None:
        return _keep(session, kind, {}, by, now, reason)
    version = required(session, LetterWording, version_id)
    if version.kind != kind:
        raise NotFound(_no_such_kind(kind))
    return _keep(session, kind, version.passages, by, now, reason)


def _keep(  # noqa: PLR0917 -- the deed, who, when and why
    session: Session, kind: str, words: Words, by: int, now: datetime, reason: str
) -> bool:
    if words == own_wordings(session).get(kind, {}):
        return False
    row = LetterWording(
        kind=kind, passages=words, set_at=now, set_by_id=by, reason=reason.strip()[:LONGEST_REASON]
    )
    session.add(row)
    session.flush()
    session.info.pop(KEPT_IN_SESSION, None)
    audit.record(
        session, row, "letter.reword" if words else "letter.reset", now=now, by=by, reason=row.reason
    )
    return True


def _checked(kind: str, typed: Mapping[str, str]) -> Words:
    """Return the words that differ from the built-in ones; raises `HubError` with every fault."""
    found: Words = {}
    refusals: list[Refusal] = []
    for passage in _passages(kind):
        for language in Language:
            name = f"{passage.key}-{language}"
            source = typed.get(name, "").replace("\r\n", "\n").strip()
            if source and source != passage.sources[language]:
                refusals += _refusals(source, passage, language)
                found.setdefault(passage.key, {})[language.value] = source
    if refusals:
        raise HubError(refusals)
    return found


def _refusals(source: str, passage: Passage, language: Language) -> Iterator[Refusal]:
    which = Text("中文", "Chinese") if language == Language.ZH else Text("英文", "English")
    for fault in faults(source, passage):
        sentence = Text("{part}（{which}）第{line}行：{why}", "{part} ({which}), line {line}: {why}").format(
            part=passage.label, which=which, line=fault.line, why=fault.sentence
        )
        yield Refusal(fault.code, sentence, field=f"{passage.key}-{language}")


def _passages(kind: str) -> tuple[Passage, ...]:
    found = passages_of(kind) if kind in KIND_NAMES else ()
    if not found:
        raise NotFound(_no_such_kind(kind))
    return found


def _no_such_kind(kind: str) -> Refusal:
    sentence = Text(
        f"没有“{kind}”这种可以改措辞的邮件。",
        f"There is no kind of mail “{kind}” whose words can be changed.",
    )
    return Refusal("letter_kind", sentence)


def _versions(session: Session, kind: str = "") -> list[LetterWording]:
    question = select(LetterWording).order_by(col(LetterWording.id))
    return list(session.exec(question.where(LetterWording.kind == kind) if kind else question))


def _history(session: Session, kind: str) -> Iterator[Version]:
    labels = {passage.key: passage.label for passage in passages_of(kind)}
    rows = _versions(session, kind)
    for row in reversed(rows):
        person = session.get(Person, row.set_by_id) if row.set_by_id else None
        parts = dict.fromkeys(labels[key] for key in row.passages if key in labels)
        yield Version(
            id_of(row), row.set_at, person.name if person else "", tuple(parts), row.reason, row is rows[-1]
        )
