"""Versions of the checklist that risky activities pass: kept for ever, because answers refer to them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlmodel import Session, col, select

from config.settings import settings
from config.text import Refusal, Text
from models import ChecklistVersion
from scheduling.risks import Checklist
from services import audit
from services.errors import HubError, refuse
from services.queries import required
from services.wording import local_day

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "checklists" / "activity-risks-2026.yaml"


def register_checklist(
    session: Session, text: str, *, now: datetime, by: int | None = None
) -> ChecklistVersion:
    """Keep a checklist file as a version; the same file again is the same version.

    Raises `HubError` with everything that is wrong with it, or for a version that was edited.
    """
    checklist, digest = read_checklist(text), hashlib.sha256(text.encode()).hexdigest()
    known = session.exec(
        select(ChecklistVersion).where(ChecklistVersion.version == checklist.version)
    ).first()
    if known is not None:
        if known.sha256 != digest:
            raise _edited(checklist.version)
        return known
    version = ChecklistVersion(
        version=checklist.version,
        valid_from=checklist.valid_from,
        sha256=digest,
        text=text,
        loaded_at=now,
        loaded_by_id=by,
    )
    session.add(version)
    session.flush()
    audit.record(session, version, "checklist.registered", now=now, by=by)
    return version


def current_checklist(session: Session, *, now: datetime) -> tuple[ChecklistVersion | None, Checklist]:
    """Return the version that counts today; the shipped one, not kept yet (None), where there is no other."""
    today = local_day(now, settings().time_zone)
    question = (
        select(ChecklistVersion)
        .where(col(ChecklistVersion.valid_from) <= today)
        .order_by(col(ChecklistVersion.valid_from).desc(), col(ChecklistVersion.id).desc())
    )
    known = session.exec(question).first()
    if known is not None:
        return known, read_checklist(known.text)
    return None, read_checklist(shipped_text())


def kept_checklist(session: Session, *, now: datetime) -> tuple[ChecklistVersion, Checklist]:
    """Return the version that counts today as a row; the shipped one is kept when it is first answered."""
    version, checklist = current_checklist(session, now=now)
    return version or register_checklist(session, shipped_text(), now=now), checklist


def checklist_of(session: Session, checklist_id: int) -> Checklist:
    """Return the questions that a check was answered by."""
    return read_checklist(required(session, ChecklistVersion, checklist_id).text)


def shipped_text() -> str:
    """Return the checklist that comes with the product."""
    return SHIPPED.read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def read_checklist(text: str) -> Checklist:
    """Read a checklist; raises `HubError` with everything that is wrong, each at its place in the file."""
    try:
        return Checklist.model_validate(YAML(typ="safe", pure=True).load(text))
    except YAMLError as error:
        raise _no_yaml(error) from None
    except ValidationError as error:
        raise HubError([_fault(one) for one in error.errors()]) from None


FAULTS = {
    "missing": Text("缺这一项", "it is missing"),
    "extra_forbidden": Text(
        "不认识这一项，检查拼写和引号", "it is not known here; check spelling and quotes"
    ),
    "enum": Text("只能是minors、crowd、outdoors或money", "it is minors, crowd, outdoors or money"),
}
UNFIT = {
    "an answer with no_go says under mend what to do first": "有no_go的回答要在mend里写先做什么",
    "two answers have one code": "两个回答用了同一个code",
    "no answer lets the activity go ahead": "没有一个回答能让活动办下去",
    "two questions have one code": "两个问题用了同一个code",
}
"""What does not fit together, as the model says it, in Chinese."""
WHOLE_FILE = Text(
    "这个文件不是检查表。先运行 youthhub gate checklist 看现在这一份的写法，照着改",
    "This file is no checklist. See how today's is written with `youthhub gate checklist`, and change that",
)
OTHER_FAULT = Text(
    "不能这样填，照现在那一份的写法改", "this cannot stand here; write it as in today's checklist"
)


def _fault(error: Any) -> Refusal:
    if not error["loc"] and error["type"] != "value_error":
        return Refusal("checklist_field", WHOLE_FILE)
    place = ".".join(str(part) for part in error["loc"]) or "-"
    said = error["msg"].removeprefix("Value error, ")
    words = Text(UNFIT[said], said) if said in UNFIT else FAULTS.get(error["type"], OTHER_FAULT)
    sentence = Text("{place}：{why}", "{place}: {why}").format(place=place, why=words)
    return Refusal("checklist_field", sentence, field=place)


def _no_yaml(error: YAMLError) -> HubError:
    """Return where a file stops being readable, in words of ours: the library's own are English."""
    mark = getattr(error, "problem_mark", None)
    at = Text(f"第{mark.line + 1}行", f"line {mark.line + 1}") if mark else Text("文件里", "the file")
    return refuse(
        "checklist_yaml",
        f"{at.zh}读不下去：看看那里和上一行的缩进、引号、冒号。文件要是UTF-8的YAML文本，"
        "运行 youthhub gate checklist 可以看现在这一份的写法。",
        f"Reading stops at {at.en}: look at the indentation, quotes and colons there and one line above. The file "
        "is YAML as UTF-8 text; `youthhub gate checklist` shows how today's is written.",
    )


def _edited(version: str) -> HubError:
    return refuse(
        "checklist_edited",
        f"{version}版的检查表已经存过，内容不同。改过的内容请用新的版本号。",
        f"Version {version} of the checklist is kept already and reads differently. Give the changed text a new version.",
        "version",
    )
