"""Versions of standards frameworks: loaded once, never changed, read by all cycles that use them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, col, select

from config.text import Refusal, Text
from evaluation.bridging import bridge_problems
from evaluation.framework import Framework
from evaluation.loading import load
from models import Cycle, FrameworkVersion
from services import audit
from services.errors import HubError, NotFound
from services.metrics import METRICS
from services.queries import required

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "frameworks"
SHIPPED_FILES = {"youth-hub": "youth-hub-2026.yaml", "single-visit": "single-visit.yaml"}
STRATA = ("age_band", "first_time")
"""By what residents can be divided into strata."""
BOTH = ("zh", "en")


def register_framework(
    session: Session, text: str, *, now: datetime, by: int | None = None
) -> FrameworkVersion:
    """Keep a framework file as a version; the same file again is the same version.

    Raises `HubError` with everything that is wrong with it, and F06 for a version that was edited.
    """
    framework = read_framework(text)
    faults = faults_of(session, framework)
    if faults:
        raise HubError(faults)
    known = _kept(session, framework)
    if known is not None:
        return known
    version = FrameworkVersion(
        code=framework.id, version=framework.version, sha256=framework.sha256, text=text, loaded_at=now
    )
    session.add(version)
    session.flush()
    audit.record(session, version, "register", now=now, by=by)
    return version


def newest_framework(session: Session, code: str, *, now: datetime) -> FrameworkVersion:
    """Return the version of a framework that was loaded last; a shipped one is loaded when first used."""
    known = session.exec(
        select(FrameworkVersion)
        .where(FrameworkVersion.code == code)
        .order_by(col(FrameworkVersion.loaded_at).desc(), col(FrameworkVersion.id).desc())
    ).first()
    if known is not None:
        return known
    if code not in SHIPPED_FILES:
        raise NotFound(
            Refusal("no_framework", Text(f"没有标准体系“{code}”。", f'There is no framework "{code}".'))
        )
    return register_framework(session, (SHIPPED / SHIPPED_FILES[code]).read_text(encoding="utf-8"), now=now)


def framework_of(session: Session, cycle: Cycle) -> Framework:
    """Return the framework by which a cycle is scored."""
    return read_framework(required(session, FrameworkVersion, cycle.framework_id).text)


def framework_with(session: Session, version_id: int) -> Framework:
    """Return a version by its id."""
    return read_framework(required(session, FrameworkVersion, version_id).text)


def framework_today(session: Session, code: str) -> Framework:
    """Return the framework that `newest_framework` would give, without keeping anything."""
    known = session.exec(
        select(FrameworkVersion.text)
        .where(FrameworkVersion.code == code)
        .order_by(col(FrameworkVersion.loaded_at).desc(), col(FrameworkVersion.id).desc())
    ).first()
    return read_framework(known or (SHIPPED / SHIPPED_FILES[code]).read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def read_framework(text: str) -> Framework:
    """Return the framework of a text that is sound in itself; raises `HubError` with everything else."""
    loaded = load(text, metrics=METRICS.keys())
    if loaded.framework is None:
        raise HubError([problem.refusal for problem in loaded.problems if not problem.is_warning])
    return loaded.framework


def faults_of(session: Session, framework: Framework) -> list[Refusal]:
    """Return everything for which a sound framework is not kept here: languages, strata, bridge, a version that was edited."""
    wanted = [_lacks_language(language) for language in BOTH if language not in framework.languages]
    wanted += [_no_stratum(name) for name in framework.survey.strata if name not in STRATA]
    known = _kept(session, framework)
    if known is not None and known.sha256 != framework.sha256:
        wanted.append(_edited(framework))
    elif known is None:
        wanted += _bridge_faults(session, framework)
    return wanted


def _kept(session: Session, framework: Framework) -> FrameworkVersion | None:
    return session.exec(
        select(FrameworkVersion).where(
            FrameworkVersion.code == framework.id, FrameworkVersion.version == framework.version
        )
    ).first()


def _bridge_faults(session: Session, framework: Framework) -> list[Refusal]:
    """Return what is wrong with a bridge over indicators that measured something else in the version it leads to."""
    if framework.bridge is None:
        return []
    old = session.exec(
        select(FrameworkVersion).where(
            FrameworkVersion.code == framework.id, FrameworkVersion.version == framework.bridge.since
        )
    ).first()
    problems = () if old is None else bridge_problems(read_framework(old.text), framework)
    return [problem.refusal for problem in problems]


def _lacks_language(language: str) -> Refusal:
    return Refusal(
        "F07",
        Text(
            f"标准体系要有中文和英文：framework.languages里加上{language}。",
            f"A framework is written in both languages: add {language} to framework.languages.",
        ),
        "framework.languages",
    )


def _no_stratum(name: str) -> Refusal:
    return Refusal(
        "F03",
        Text(
            f"不能按“{name}”分层，可用的有：{'、'.join(STRATA)}。",
            f'Residents cannot be divided by "{name}"; it takes {", ".join(STRATA)}.',
        ),
        "survey.strata",
    )


def _edited(framework: Framework) -> Refusal:
    return Refusal(
        "F06",
        Text(
            f"“{framework.id}”的{framework.version}版已经存过，内容不同。改过的内容请用新的版本号，"
            "并在supersedes里写上旧版本号。",
            f'Version {framework.version} of "{framework.id}" is kept already and reads differently. '
            "Give the changed text a new version, and name the old one under supersedes.",
        ),
        "framework.version",
    )
