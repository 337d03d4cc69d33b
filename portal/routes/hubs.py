"""A coordinator's own pages: what needs a decision, the activities and rosters, filling open places."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from config.text import Text
from models.session import open_session, read_session
from notifications import links
from notifications.links import Link, Purpose
from portal.forms import Form, Posted, at_fields
from portal.pages import RowId, Visit
from services import dispatch, gate, offers, views
from services.breaker import trouble
from services.digests_attention import AttentionItem, Matter, attention
from services.digests_rows import open_places, week_lines
from services.dispatch import WorkView
from services.errors import HubError, NotFound, refuse
from services.offer_rules import offer_rules
from services.roster import roster as roster_of

router = APIRouter()
PRESSING = timedelta(hours=48)
PERIODS = {"1": timedelta(weeks=1), "2": timedelta(weeks=2), "4": timedelta(weeks=4)}
SHOWN_WEEKS = timedelta(weeks=8)
SHAPES = {Matter.PLACES: "look", Matter.OFFERS: "clock", Matter.ATTENDANCE: "clock"}


@dataclass(frozen=True)
class Desk:
    """A coordinator before one of the hub's pages: who, which hub, and the addresses of the others."""

    visit: Visit
    link: Link
    base: str
    reader: views.Reader
    hub: views.HubHead

    @classmethod
    def of(cls, session: Session, visit: Visit, token: str) -> Desk:
        """Open the hub of a link; raises `NotYours` for who runs it no longer."""
        link = links.read(Purpose.HUB, token, now=visit.now)
        hub_id, person_id = link.ids
        reader = views.reader(session, person_id)
        return cls(visit, link, f"/h/{token}", reader, views.hub_head(session, hub_id, by=person_id))

    def page(self, name: str, here: str, /, *, status: int = 200, **fields: object) -> Response:
        """Answer with one of the hub's pages; `here` is the tab that it belongs to."""
        return self.visit.page(
            name,
            own=self.reader.language,
            zone=self.hub.time_zone,
            status=status,
            hub=self.hub,
            base=self.base,
            tabs=self._tabs(here),
            **fields,
        )

    def attendance_url(self, activity_id: int) -> str:
        """Return the attendance sheet of an activity, for this person."""
        ids = activity_id, self.reader.person_id
        return f"/t/{links.make(Purpose.ATTENDANCE, *ids, expires_at=self.link.expires_at)}{self.visit.kept}"

    def url_of(self, item: AttentionItem) -> str:
        """Return where something that needs attention is dealt with."""
        if item.path:
            return f"{self.base}{item.path}{self.visit.kept}"
        if item.activity_id is None:
            return f"{self.base}/lapsing{self.visit.kept}"
        if item.matter == Matter.ATTENDANCE:
            return self.attendance_url(item.activity_id)
        return f"{self.base}/activities/{item.activity_code}{self.visit.kept}"

    def _tabs(self, here: str) -> list[tuple[str, str, str, bool]]:
        language = self.visit.language(self.reader.language)
        return [
            (f"{self.base}{path}{self.visit.kept}", words.in_(language), shape, path == here)
            for path, words, shape in TABS
        ]


TABS = (
    ("", Text("待办", "To do"), "list"),
    ("/activities", Text("活动", "Activities"), "days"),
    ("/match", Text("配人", "Match"), "people"),
    ("/schedule", Text("排期", "Schedule"), "clock"),
    ("/commitments", Text("承诺", "Promises"), "check"),
)


@router.get("/h/{token}")
def show(request: Request, token: str) -> Response:
    """Show what needs a decision, worst first, and the places of the week."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = attention(session, desk.hub.hub_id, now=visit.now)
        mail_trouble = trouble(session)
    rows = [
        (item, desk.url_of(item), SHAPES.get(item.matter, "clock"), item.gets_worse_at <= visit.now)
        for item in found.items
    ]
    is_soon = [item.gets_worse_at <= visit.now + PRESSING for item in found.items]
    return desk.page(
        "hub.html",
        "",
        soon=[row for row, soon in zip(rows, is_soon, strict=True) if soon],
        later=[row for row, soon in zip(rows, is_soon, strict=True) if not soon],
        week=found.week,
        mail_trouble=mail_trouble,
    )


@router.get("/h/{token}/activities")
def activities(request: Request, token: str) -> Response:
    """List the coming activities by day, with how their places are filled."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        hub_id = desk.hub.hub_id
        coming = week_lines(session, [hub_id], visit.now, visit.now + SHOWN_WEEKS)[hub_id]
        waiting = gate.held(session, [hub_id], now=visit.now)
    return desk.page("activities.html", "/activities", coming=coming, waiting=waiting)


@router.get("/h/{token}/activities/{code}")
def roster(request: Request, token: str, code: str) -> Response:
    """Show who serves at an activity, role by role."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = roster_of(session, code, hub_id=desk.hub.hub_id, by=desk.reader.person_id, now=visit.now)
        waiting = gate.held_with(session, found.activity_id, desk.hub.hub_id, now=visit.now)
    attendance_url = desk.attendance_url(found.activity_id) if found.has_sheet else ""
    return desk.page(
        "roster.html", "/activities", roster=found, attendance_url=attendance_url, waiting=waiting
    )


@router.get("/h/{token}/lapsing")
def lapsing(request: Request, token: str) -> Response:
    """Show whose background check or guardian's consent lapses soon."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = views.lapsing(session, desk.hub.hub_id, now=visit.now)
    return desk.page("lapsing.html", "", found=found)


@router.get("/h/{token}/match")
def match_form(request: Request, token: str, sent: int = -1) -> Response:
    """Show the form that fills open places: first a trial, which changes nothing."""
    return _match_page(Visit.of(request), token, Form(), sent=sent)


@router.post("/h/{token}/match")
def match(request: Request, token: str, form: Posted) -> Response:
    """Ask for a trial (`dry_run`=1) or the real thing and lead to its result; `send`=1 sends what waits."""
    visit = Visit.of(request)
    if form.get("send"):
        return _send_waiting(visit, token)
    weeks = form.get("weeks", "2")
    if weeks not in PERIODS:
        return _match_page(visit, token, form, refuse("weeks", "选一段时间", "Choose a period", "weeks"))
    with open_session() as session:
        desk = Desk.of(session, visit, token)
        # A second click sends the same word again and is led to the first one's result.
        once = form.get("once")[:40] or f"{visit.now:%Y%m%dT%H%M}"
        asked = dispatch.request(
            session,
            "match_volunteers",
            key=f"page:match:{desk.hub.hub_id}:{once}",
            params={
                "hub": desk.hub.code,
                "weeks": int(weeks),
                "dry_run": form.get("dry_run") != "0",
                "by": desk.reader.person_id,
            },
            now=visit.now,
            by=desk.reader.person_id,
        )
        work_id = asked.id or 0
    if request.app.state.bell is not None:
        request.app.state.bell.ring(work_id)
    return visit.again(f"{desk.base}/work/{work_id}")


@router.get("/h/{token}/work/{work_id}")
def work(request: Request, token: str, work_id: RowId, sent: int = -1) -> Response:
    """Show how asked-for work stands; while it runs the page looks again by itself."""
    visit = Visit.of(request)
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        found = _own_work(session, desk, work_id)
        waiting = views.proposed_offers(session, desk.hub.hub_id)
    return desk.page("work.html", "/match", work=found, waiting=waiting, sent=sent, once=secrets.token_hex(8))


@router.post("/h/{token}/work/{work_id}")
def send(request: Request, token: str, work_id: RowId) -> Response:
    """Send the hub's proposed offers now; a second click finds none left to send."""
    visit = Visit.of(request)
    with open_session() as session:
        desk = Desk.of(session, visit, token)
        _own_work(session, desk, work_id)
        sent = offers.send_offers(session, now=visit.now, hubs=[desk.hub.hub_id])
    return visit.again(sent=str(sent.sent))


def _send_waiting(visit: Visit, token: str) -> Response:
    with open_session() as session:
        desk = Desk.of(session, visit, token)
        sent = offers.send_offers(session, now=visit.now, hubs=[desk.hub.hub_id])
    return visit.again(sent=str(sent.sent))


def _own_work(session: Session, desk: Desk, work_id: int) -> WorkView:
    found = dispatch.result_view(session, work_id)
    if found.params.get("hub") != desk.hub.code:
        raise NotFound(refuse("no_such_work", "没有这项任务。", "There is no such piece of work.").refusals)
    return found


def _match_page(
    visit: Visit, token: str, form: Form, error: HubError | None = None, *, sent: int = -1
) -> Response:
    with read_session() as session:
        desk = Desk.of(session, visit, token)
        open_ = open_places(session, [desk.hub.hub_id], visit.now, ahead=SHOWN_WEEKS)
        waiting = views.proposed_offers(session, desk.hub.hub_id)
        rules = offer_rules(session, now=visit.now).of(desk.hub.hub_id)
    errors, general = at_fields(error, visit.language(desk.reader.language))
    counts = {
        weeks: sum(one.missing for one in open_ if one.line.starts_at <= visit.now + period)
        for weeks, period in PERIODS.items()
    }
    return desk.page(
        "match.html",
        "/match",
        status=error.status if error else 200,
        counts=counts,
        until={weeks: visit.now + period for weeks, period in PERIODS.items()},
        chosen=form.get("weeks", "2"),
        once=secrets.token_hex(8),
        waiting=waiting,
        sent=sent,
        rules=rules,
        errors=errors,
        general=general,
    )
