"""The form by which a young person signs up for an activity, read or refused as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.text import Text
from services.forms import GuardianEntry, Reader, language
from services.minors import AGE_BANDS, is_minor

NO_NAME = Text(zh="填写你的姓名", en="Enter your name")
NO_AGE = Text(zh="填写出生日期，或者选一个年龄段", en="Enter your date of birth, or choose an age group")


@dataclass(frozen=True)
class SignUpForm:
    """Hold the fields of the sign-up form as they were typed."""

    name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: str = ""
    age_band: str = ""
    language: str = ""
    guardian_name: str = ""
    guardian_email: str = ""
    guardian_phone: str = ""


@dataclass(frozen=True)
class SignUp:
    """Hold a sign-up whose fields are all right; minors name a guardian."""

    name: str
    email: str
    phone: str
    birth_date: date | None
    age_band: str
    language: str
    guardian: GuardianEntry | None


def read_sign_up(form: SignUpForm, *, today: date, day: date) -> SignUp:
    """Read the form for an activity on `day`; raises one `HubError` with every wrong field."""
    read = Reader(today)
    birth_date = read.birth_date("birth_date", form.birth_date)
    age_band = ""
    if not form.birth_date.strip():
        age_band = read.choice("age_band", form.age_band, AGE_BANDS, empty=NO_AGE)
    name = read.name("name", form.name, empty=NO_NAME)
    email = read.email("email", form.email)
    phone = read.phone("phone", form.phone)
    minor = is_minor(birth_date, age_band, day)
    guardian = (
        read.guardian(form.guardian_name, form.guardian_email, form.guardian_phone, form.language, own=email)
        if minor
        else None
    )
    read.finish()
    return SignUp(name, email, phone, birth_date, age_band, language(form.language), guardian)
