"""Sentences in the two languages of the network, side by side, and refusals made of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """Languages that a person can read us in, as BCP 47 tags."""

    ZH = "zh-Hans"
    EN = "en"


@dataclass(frozen=True)
class Text:
    """Hold one sentence in Chinese and English.

    Both versions stand in one place, so neither can be forgotten or go stale (docs/decisions/0003).
    """

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Return the sentence in `language`; anything that is not English reads Chinese."""
        return self.en if language == Language.EN else self.zh

    def format(self, **fields: Any) -> Text:
        """Return the sentence with named fields filled in; a `Text` field fills in by language."""
        return Text(
            zh=self.zh.format(**_fields(fields, Language.ZH)),
            en=self.en.format(**_fields(fields, Language.EN)),
        )


@dataclass(frozen=True)
class Refusal:
    """Say why something is not done: a code for machines and a sentence for the person.

    `field` names the input that is at fault (a form field, a column, a path in a file).
    """

    code: str
    sentence: Text
    field: str | None = None


def plural(count: int, one: str, many: str) -> str:
    """Return `one` or `many` of an English noun, for use in English sentences only."""
    return one if count == 1 else many


def _fields(fields: dict[str, Any], language: Language) -> dict[str, Any]:
    return {name: value.in_(language) if isinstance(value, Text) else value for name, value in fields.items()}
