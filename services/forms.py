"""Fields that people type into public forms: each read into a value, or refused with a sentence.

A form collects every refusal before it raises, so that nobody corrects a form in five rounds.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from config.text import Language, Refusal, Text
from notifications.addresses import normalise
from services.errors import HubError

LONGEST_NAME = 60
OLDEST_YEARS = 120
NOT_IN_NAMES = re.compile(r"[@/<>\\]|www\.", re.IGNORECASE)
PHONE = re.compile(r"\+?[0-9]{5,15}")
DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")

ADDRESS_MISSING = "填写邮箱，回信会发到那里", "Enter an e-mail address; we write to it"
NO_ADDRESS = {
    "guardian_email": ("填写监护人的邮箱，我们写信问TA", "Enter your guardian’s e-mail; we write to ask them")
}
NO_GUARDIAN = Text(zh="你还没满18岁，填写监护人的姓名", en="You are under 18: enter your guardian's name")


@dataclass(frozen=True)
class GuardianEntry:
    """Hold a guardian as a minor named them."""

    name: str
    email: str
    phone: str
    language: str


@dataclass
class Reader:
    """Read the fields of one form and keep what is wrong with each."""

    today: date
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, name: str, code: str, zh: str, en: str) -> None:
        """Keep a refusal of the field `name`."""
        self.refusals.append(Refusal(code, Text(zh=zh, en=en), field=name))

    def finish(self) -> None:
        """Raise one `HubError` with every refusal, if there is any."""
        if self.refusals:
            raise HubError(self.refusals)

    def name(self, name: str, raw: str, *, empty: Text) -> str:
        """Read a person's name; `empty` is what to say when there is none."""
        value = plain(raw)
        if not value:
            self.refuse(name, "name_missing", empty.zh, empty.en)
        elif len(value) > LONGEST_NAME:
            self.refuse(
                name,
                "name_too_long",
                f"姓名最多{LONGEST_NAME}个字，现在有{len(value)}个",
                f"A name may have up to {LONGEST_NAME} characters; it now has {len(value)}",
            )
        elif NOT_IN_NAMES.search(value):
            # We write to the address that a stranger typed: the name must not smuggle a message along.
            self.refuse(
                name,
                "name_invalid",
                f"姓名里不能有网址或“@ / < >”这样的符号，现在填的是“{value}”",
                f"A name has no web address and none of the signs “@ / < >”; it is now “{value}”",
            )
        return value

    def email(self, name: str, raw: str) -> str:
        """Read a mail address."""
        value = plain(raw).replace(" ", "")
        if not value:
            self.refuse(name, "email_missing", *NO_ADDRESS.get(name, ADDRESS_MISSING))
            return ""
        address = normalise(value)
        if isinstance(address, Refusal):
            self.refusals.append(Refusal(address.code, address.sentence, field=name))
            return ""
        return address

    def phone(self, name: str, raw: str) -> str:
        """Read a phone number, which may be left out."""
        value = re.sub(r"[\s()\-]", "", plain(raw))
        if value and not PHONE.fullmatch(value):
            self.refuse(
                name,
                "phone_invalid",
                f"电话只能有5到15位数字，现在填的是“{plain(raw)}”",
                f"A phone number has 5 to 15 digits; it is now “{plain(raw)}”",
            )
            return ""
        return value

    def birth_date(self, name: str, raw: str) -> date | None:
        """Read a birth date in any usual notation; None where none was given or it is refused."""
        value = plain(raw)
        if not value:
            return None
        day = _date(value)
        if day is None or not self.today.year - OLDEST_YEARS <= day.year or day > self.today:
            self.refuse(
                name,
                "birth_date_invalid",
                f"出生日期要像2009-03-15这样，不能晚于今天，现在填的是“{value}”",
                f"A birth date looks like 2009-03-15 and is not after today; it is now “{value}”",
            )
            return None
        return day

    def choice(self, name: str, raw: str, allowed: tuple[str, ...], *, empty: Text) -> str:
        """Read one of the values that the form offers; `empty` is what to say when it is none."""
        value = plain(raw)
        if value not in allowed:
            self.refuse(name, f"{name}_missing", empty.zh, empty.en)
            return ""
        return value

    def guardian(self, name: str, email: str, phone: str, tongue: str, *, own: str) -> GuardianEntry:
        """Read the guardian whom a minor names; `own` is the minor's address, which may not be theirs."""
        entry = GuardianEntry(
            self.name("guardian_name", name, empty=NO_GUARDIAN),
            self.email("guardian_email", email),
            self.phone("guardian_phone", phone),
            language(tongue),
        )
        if entry.email and entry.email.casefold() == own.casefold():
            self.refuse(
                "guardian_email",
                "guardian_email_own",
                "监护人要用自己的邮箱，不能和你的一样",
                "A guardian needs an address of their own, not yours",
            )
        return entry


def language(raw: str) -> Language:
    """Return the language that a form was sent in; anything that is not English is Chinese."""
    return Language.EN if raw.lower().startswith("en") else Language.ZH


def plain(raw: str) -> str:
    """Return what was meant: full-width signs as usual ones, no control signs, single spaces."""
    text = unicodedata.normalize("NFKC", raw)
    visible = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(visible.split())


def _date(value: str) -> date | None:
    found = DATE.fullmatch(value)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
