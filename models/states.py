"""Every state of every thing, and the moves that are allowed between them.

One word each: the same in code, table, page and mail (docs/glossary.md). A state is changed by
`move`, which refuses what is not listed here.
"""

from __future__ import annotations

from enum import StrEnum


class ActivityState(StrEnum):
    """Life of an activity."""

    PLANNED = "planned"
    PUBLISHED = "published"
    DONE = "done"
    CANCELLED = "cancelled"


class OfferState(StrEnum):
    """Life of an offer: a named person is asked to serve in a named place and answers."""

    PROPOSED = "proposed"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    STANDBY = "standby"
    WITHDRAWN = "withdrawn"


class ParticipationState(StrEnum):
    """Life of a participant's sign-up for an activity."""

    NEEDS_CONSENT = "needs_consent"
    SIGNED_UP = "signed_up"
    WAITING = "waiting"
    OFFERED = "offered"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """What is known of somebody's attendance; nobody is guessed to be absent."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    EXCUSED = "excused"
    NO_SHOW = "no_show"


class ConsentState(StrEnum):
    """A guardian's answer."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PersonState(StrEnum):
    """Whether a person takes part."""

    AWAITING_CONSENT = "awaiting_consent"
    ACTIVE = "active"
    INACTIVE = "inactive"


class CycleState(StrEnum):
    """Life of an evaluation cycle."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    CLOSED = "closed"
    SCORED = "scored"
    UNDER_REVIEW = "under_review"
    RELEASED = "released"


class AssessmentState(StrEnum):
    """Whether an assessor has scored a hub."""

    ASKED = "asked"
    SUBMITTED = "submitted"
    CONFLICT = "conflict"
    MISSED = "missed"


class InvitationState(StrEnum):
    """Whether a drawn resident has answered; what was answered is kept elsewhere, without the person."""

    DRAWN = "drawn"
    ANSWERED = "answered"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"


class MessageState(StrEnum):
    """Life of a mail in the outbox."""

    QUEUED = "queued"
    LEASED = "leased"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    OBSOLETE = "obsolete"
    EXPIRED = "expired"
    AMBIGUOUS = "ambiguous"
    HELD = "held"


A, F, P, C, M = ActivityState, OfferState, ParticipationState, CycleState, MessageState

ALLOWED: dict[StrEnum, frozenset[StrEnum]] = {
    A.PLANNED: frozenset({A.PUBLISHED, A.CANCELLED}),
    A.PUBLISHED: frozenset({A.DONE, A.CANCELLED}),
    A.DONE: frozenset(),
    A.CANCELLED: frozenset(),
    F.PROPOSED: frozenset({F.SENT, F.WITHDRAWN}),
    F.SENT: frozenset({F.ACCEPTED, F.DECLINED, F.EXPIRED, F.STANDBY, F.WITHDRAWN}),
    F.ACCEPTED: frozenset({F.DECLINED, F.WITHDRAWN}),
    F.STANDBY: frozenset({F.SENT, F.ACCEPTED, F.DECLINED, F.WITHDRAWN, F.EXPIRED}),
    F.DECLINED: frozenset(),
    F.EXPIRED: frozenset(),
    F.WITHDRAWN: frozenset(),
    P.NEEDS_CONSENT: frozenset({P.SIGNED_UP, P.WAITING, P.CANCELLED}),
    P.SIGNED_UP: frozenset({P.CANCELLED}),
    P.WAITING: frozenset({P.OFFERED, P.CANCELLED}),
    P.OFFERED: frozenset({P.SIGNED_UP, P.WAITING, P.CANCELLED}),
    P.CANCELLED: frozenset({P.SIGNED_UP, P.WAITING}),
    C.DRAFT: frozenset({C.COLLECTING}),
    C.COLLECTING: frozenset({C.CLOSED}),
    C.CLOSED: frozenset({C.SCORED, C.COLLECTING}),
    C.SCORED: frozenset({C.UNDER_REVIEW, C.CLOSED}),
    C.UNDER_REVIEW: frozenset({C.RELEASED, C.CLOSED}),
    C.RELEASED: frozenset({C.UNDER_REVIEW}),
    M.QUEUED: frozenset({M.LEASED, M.SUPPRESSED, M.OBSOLETE, M.EXPIRED, M.HELD}),
    M.DEFERRED: frozenset({M.LEASED, M.SUPPRESSED, M.OBSOLETE, M.EXPIRED, M.HELD}),
    M.LEASED: frozenset(
        {M.SENT, M.DEFERRED, M.FAILED, M.QUEUED, M.AMBIGUOUS, M.SUPPRESSED, M.OBSOLETE, M.EXPIRED}
    ),
    M.AMBIGUOUS: frozenset({M.SENT, M.QUEUED, M.FAILED}),
    M.HELD: frozenset({M.QUEUED, M.OBSOLETE, M.EXPIRED}),
    M.FAILED: frozenset({M.QUEUED}),
    M.SENT: frozenset(),
    M.SUPPRESSED: frozenset(),
    M.OBSOLETE: frozenset(),
    M.EXPIRED: frozenset(),
}


def may_move(old: StrEnum, new: StrEnum) -> bool:
    """Say whether a thing may go from state `old` to state `new`."""
    return new in ALLOWED[old]
