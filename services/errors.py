"""The one exception of services, which carries every refusal and says how a door answers."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from config.text import Refusal, Text

ENDS = ("。", "！", "？", "…", "）", ".", "!", "?", ")", "\n")


class HubError(Exception):
    """Something is refused, and nothing was written.

    A page shows the sentences under `status`, a command prints them and exits with 1, a flow's run
    fails. The exception's own text is the codes, which may stand in logs.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, refusals: Refusal | Sequence[Refusal]) -> None:
        self.refusals = (refusals,) if isinstance(refusals, Refusal) else tuple(refusals)
        super().__init__(", ".join(refusal.code for refusal in self.refusals))

    @property
    def sentence(self) -> Text:
        """Return all sentences as one text; those of single fields end without a full stop of their own."""
        return Text(
            zh="".join(_ended(refusal.sentence.zh, "。") for refusal in self.refusals),
            en=" ".join(_ended(refusal.sentence.en, ".") for refusal in self.refusals),
        )


def _ended(sentence: str, stop: str) -> str:
    return sentence if sentence.endswith(ENDS) else sentence + stop


class NotFound(HubError):  # noqa: N818 -- named after what it says
    """There is no such thing."""

    status = HTTPStatus.NOT_FOUND


class NotYours(HubError):  # noqa: N818 -- named after what it says
    """The thing is there, and this person may not see or change it."""

    status = HTTPStatus.FORBIDDEN


class TooLate(HubError):  # noqa: N818 -- named after what it says
    """The thing can no longer be done: it is over, expired, or somebody was faster."""

    status = HTTPStatus.CONFLICT


def refuse(code: str, zh: str, en: str, field: str | None = None) -> HubError:
    """Return a `HubError` of one refusal, to be raised."""
    return HubError(Refusal(code, Text(zh, en), field))
