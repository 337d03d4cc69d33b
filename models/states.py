"""Every state of every thing, and the moves that are allowed between them.

One word each: the same in code, table, page and mail (docs/glossary.md). A move that is not listed in
`ALLOWED` is refused.
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


class SwapState(StrEnum):
    """Life of a swap: asked of another volunteer, agreed between the two, done once coordinators say yes."""

    ASKED = "asked"
    AGREED = "agreed"
    DONE = "done"
    DECLINED = "declined"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOID = "void"


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


class ClaimState(StrEnum):
    """Life of a claim of hours that nobody had planned."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


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


class CommitmentState(StrEnum):
    """Life of a commitment: drafted for the hub, promised by it, reported done, confirmed by somebody else."""

    DRAFT = "draft"
    PROMISED = "promised"
    REPORTED = "reported"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


class ObjectionState(StrEnum):
    """Life of a hub's objection to a fact or a score."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class OverrideState(StrEnum):
    """Life of a value set right: one person proposes, a second one confirms or refuses."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RiskCheckState(StrEnum):
    """Life of a risk check: answered by one person, and let pass or sent back by a second one."""

    BLOCKED = "blocked"
    ASKED = "asked"
    CLEARED = "cleared"
    RETURNED = "returned"
    REPLACED = "replaced"


class FundingState(StrEnum):
    """Life of a project application: written, handed in, decided by people, carried out, closed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXECUTING = "executing"
    CLOSED = "closed"


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
    GATHERED = "gathered"


class RelayState(StrEnum):
    """Whether mail goes to the relay: as in an electric circuit, it flows while closed."""

    CLOSED = "closed"
    OPEN = "open"


ALLOWED: dict[type[StrEnum], dict[str, frozenset[str]]] = {
    ActivityState: {
        "planned": frozenset({"published", "cancelled"}),
        "published": frozenset({"done", "cancelled"}),
        "done": frozenset(),
        # Only by undoing the change that cancelled it, or where a changed series comes back to its date.
        "cancelled": frozenset({"planned", "published"}),
    },
    OfferState: {
        "proposed": frozenset({"sent", "withdrawn"}),
        "sent": frozenset({"accepted", "declined", "expired", "standby", "withdrawn"}),
        "accepted": frozenset({"declined", "withdrawn"}),
        "standby": frozenset({"sent", "accepted", "declined", "expired", "withdrawn"}),
        "declined": frozenset(),
        "expired": frozenset(),
        # Only by undoing the change that cancelled the activity.
        "withdrawn": frozenset({"proposed", "sent", "accepted", "standby"}),
    },
    SwapState: {
        "asked": frozenset({"agreed", "declined", "expired", "withdrawn", "void"}),
        # Until coordinators have decided, either of the two may think again.
        "agreed": frozenset({"done", "refused", "declined", "expired", "withdrawn", "void"}),
        "done": frozenset(),
        "declined": frozenset(),
        "refused": frozenset(),
        "expired": frozenset(),
        "withdrawn": frozenset(),
        "void": frozenset(),
    },
    ParticipationState: {
        "needs_consent": frozenset({"signed_up", "waiting", "cancelled"}),
        "signed_up": frozenset({"cancelled"}),
        "waiting": frozenset({"offered", "cancelled"}),
        "offered": frozenset({"signed_up", "waiting", "cancelled"}),
        "cancelled": frozenset({"signed_up", "waiting"}),
    },
    ClaimState: {
        "asked": frozenset({"confirmed", "refused", "withdrawn"}),
        # What was confirmed is set right by a line of the ledger, not by taking the yes back.
        "confirmed": frozenset(),
        "refused": frozenset(),
        "withdrawn": frozenset(),
    },
    ConsentState: {
        "asked": frozenset({"granted", "refused"}),
        "granted": frozenset({"withdrawn"}),
        "refused": frozenset({"granted"}),
        "withdrawn": frozenset({"granted"}),
    },
    PersonState: {
        "awaiting_consent": frozenset({"active", "inactive"}),
        "active": frozenset({"inactive"}),
        "inactive": frozenset({"active"}),
    },
    CycleState: {
        "draft": frozenset({"collecting"}),
        "collecting": frozenset({"closed"}),
        "closed": frozenset({"scored", "collecting"}),
        "scored": frozenset({"under_review", "closed"}),
        "under_review": frozenset({"released", "closed"}),
        "released": frozenset({"under_review"}),
    },
    AssessmentState: {
        "asked": frozenset({"submitted", "conflict", "missed"}),
        "submitted": frozenset(),
        "conflict": frozenset(),
        "missed": frozenset(),
    },
    InvitationState: {
        "drawn": frozenset({"answered", "refused", "unreachable", "unanswered"}),
        "answered": frozenset(),
        "refused": frozenset(),
        "unreachable": frozenset(),
        "unanswered": frozenset(),
    },
    CommitmentState: {
        "draft": frozenset({"promised", "dropped"}),
        "promised": frozenset({"reported", "dropped"}),
        "reported": frozenset({"confirmed", "promised"}),
        "confirmed": frozenset(),
        "dropped": frozenset(),
    },
    ObjectionState: {
        "open": frozenset({"upheld", "rejected"}),
        "upheld": frozenset(),
        "rejected": frozenset(),
    },
    OverrideState: {
        "proposed": frozenset({"confirmed", "refused"}),
        "confirmed": frozenset(),
        "refused": frozenset(),
    },
    RiskCheckState: {
        # An answer that forbids the activity: answered anew, it is another check.
        "blocked": frozenset(),
        "asked": frozenset({"cleared", "returned", "replaced"}),
        "cleared": frozenset(),
        "returned": frozenset(),
        "replaced": frozenset(),
    },
    FundingState: {
        "draft": frozenset({"submitted", "withdrawn"}),
        "submitted": frozenset({"under_review", "withdrawn"}),
        "under_review": frozenset({"returned", "approved", "rejected", "withdrawn"}),
        "returned": frozenset({"submitted", "withdrawn"}),
        # Handed in once more only where the time to begin has passed.
        "approved": frozenset({"executing", "submitted", "withdrawn"}),
        "rejected": frozenset(),
        "withdrawn": frozenset(),
        "executing": frozenset({"closed"}),
        "closed": frozenset(),
    },
    MessageState: {
        "queued": frozenset({"leased", "suppressed", "obsolete", "expired", "held", "gathered"}),
        "deferred": frozenset({"leased", "suppressed", "obsolete", "expired", "held"}),
        "leased": frozenset(
            {"sent", "deferred", "failed", "queued", "ambiguous", "suppressed", "obsolete", "expired", "held"}
        ),
        "ambiguous": frozenset({"sent", "queued", "failed"}),
        "held": frozenset({"queued", "obsolete", "expired"}),
        "failed": frozenset({"queued"}),
        "sent": frozenset(),
        "suppressed": frozenset(),
        "obsolete": frozenset(),
        "expired": frozenset(),
        # Only when the mail that was to tell it does not leave, since one of its other parts no longer holds.
        "gathered": frozenset({"queued"}),
    },
    RelayState: {"closed": frozenset({"open"}), "open": frozenset({"closed"})},
}
"""By kind of thing, because equal words of two kinds are equal keys: "sent" is a mail's and an offer's."""


def may_move(old: StrEnum, new: StrEnum) -> bool:
    """Say whether a thing may go from state `old` to state `new` of the same kind."""
    return type(old) is type(new) and new in ALLOWED[type(old)][old]
