"""What makes an activity risky, the questions that it must pass, and what the answers come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.text import Refusal, Text


class Risk(StrEnum):
    """Why an activity needs a check."""

    MINORS = "minors"
    CROWD = "crowd"
    OUTDOORS = "outdoors"
    MONEY = "money"


RISK_WORDS: Mapping[Risk, Text] = {
    Risk.MINORS: Text("有未成年人", "minors"),
    Risk.CROWD: Text("人多", "a crowd"),
    Risk.OUTDOORS: Text("在户外", "outdoors"),
    Risk.MONEY: Text("收钱", "money"),
}
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """Hold a sentence in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]

    @property
    def text(self) -> Text:
        """Return the sentence."""
        return Text(self.zh, self.en)


class Choice(_Part):
    """Hold one answer to a question; a no-go keeps the activity from being published."""

    code: Code
    text: Words
    no_go: bool = False
    mend: Words | None = None
    """What to do so that the answer becomes another one."""

    @model_validator(mode="after")
    def _says_what_to_do(self) -> Choice:
        if self.no_go and self.mend is None:
            raise ValueError("an answer with no_go says under mend what to do first")
        return self


class Question(_Part):
    """Hold one question, and for which risks it is asked (none: for all)."""

    code: Code
    text: Words
    when: tuple[Risk, ...] = ()
    answers: Annotated[tuple[Choice, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _can_be_passed(self) -> Question:
        codes = [choice.code for choice in self.answers]
        if len(set(codes)) < len(codes):
            raise ValueError("two answers have one code")
        if all(choice.no_go for choice in self.answers):
            raise ValueError("no answer lets the activity go ahead")
        return self

    def choice(self, code: str) -> Choice | None:
        """Return the answer with this code."""
        return next((choice for choice in self.answers if choice.code == code), None)


class Checklist(_Part):
    """Hold one version of the questions."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    valid_from: date
    title: Words
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _asks_each_once(self) -> Checklist:
        codes = [question.code for question in self.questions]
        if len(set(codes)) < len(codes):
            raise ValueError("two questions have one code")
        return self

    def asked(self, risks: Iterable[Risk]) -> tuple[Question, ...]:
        """Return the questions for these risks, in the order of the file."""
        wanted = frozenset(risks)
        return tuple(one for one in self.questions if not one.when or wanted & set(one.when))


@dataclass(frozen=True)
class Traits:
    """Hold what of an activity can be a risk."""

    has_minors: bool = False
    is_outdoors: bool = False
    takes_money: bool = False
    capacity: int = 0


@dataclass(frozen=True)
class Verdict:
    """Hold what is still to be answered, and the answers that forbid the activity."""

    missing: tuple[Refusal, ...]
    no_goes: tuple[tuple[Question, Choice], ...]

    @property
    def to_mend(self) -> tuple[Text, ...]:
        """Return what has to be done first, one sentence for each no-go."""
        return tuple(choice.mend.text for _, choice in self.no_goes if choice.mend is not None)


def risks_of(traits: Traits, *, checked: Iterable[Risk], crowd_from: int) -> tuple[Risk, ...]:
    """Return the risks of an activity that need a check; `crowd_from` 0 means that no number is a crowd."""
    found = {
        Risk.MINORS: traits.has_minors,
        Risk.CROWD: bool(crowd_from) and traits.capacity >= crowd_from,
        Risk.OUTDOORS: traits.is_outdoors,
        Risk.MONEY: traits.takes_money,
    }
    wanted = frozenset(checked)
    return tuple(risk for risk, is_there in found.items() if is_there and risk in wanted)


def judge(checklist: Checklist, risks: Iterable[Risk], answers: Mapping[str, str]) -> Verdict:
    """Say what the answers (by question, the code of a choice) come to; every fault is named."""
    missing, no_goes = [], []
    for question in checklist.asked(risks):
        choice = question.choice(answers.get(question.code, ""))
        if choice is None:
            missing.append(_unanswered(question))
        elif choice.no_go:
            no_goes.append((question, choice))
    return Verdict(tuple(missing), tuple(no_goes))


def _unanswered(question: Question) -> Refusal:
    sentence = Text("还没有回答：{question}", "Not answered: {question}")
    return Refusal("unanswered", sentence.format(question=question.text.text), field=question.code)
