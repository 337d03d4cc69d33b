"""One hub's own report as a paper: its score, what would raise it, and where it can object; no other hub's data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from config.settings import settings
from config.text import Text
from documents.papers import Column, Paper, Section, Strip, Table
from models import Cycle, Hub, Report
from services.queries import required
from services.report_hub_view import HubView, hub_view
from services.report_paper import ReportPaper

TO_DOS = 3


def hub_paper(session: Session, report_id: int, hub_id: int, *, person_id: int, now: datetime) -> ReportPaper:
    """Return a hub's own report for whoever may read its page; raises `NotYours` as the page does."""
    view = hub_view(session, report_id, hub_id, person_id=person_id, now=now)
    report = required(session, Report, report_id)
    cycle, hub = required(session, Cycle, report.cycle_id), required(session, Hub, hub_id)
    name = f"report-{cycle.code}-{hub.code}-r{report.revision}"
    return ReportPaper(paper_of(view, report.released_at or report.drafted_at), view.language, name)


def paper_of(view: HubView, made_at: datetime) -> Paper:
    """Return the paper of one hub from what its page shows."""
    return Paper(
        title=Text(f"{view.hub.zh}的评估结果", f"{view.hub.en}: our result"),
        subtitle=view.cycle,
        facts=tuple(_facts(view)),
        sections=tuple(_sections(view)),
        note=_note(view),
        made_at=made_at,
    )


def _note(view: HubView) -> Text:
    kind = Text("", "")
    if view.is_pilot:
        kind = Text("试评，不作正式结果。", "Pilot: no official result. ")
    if view.is_draft:
        kind = Text(f"{kind.zh}草稿，供核对事实。", f"{kind.en}Draft, for checking the facts. ")
    return Text(f"{kind.zh}只给{view.hub.zh}", f"{kind.en}For {view.hub.en} only")


def _facts(view: HubView) -> Iterable[tuple[Text, Text]]:
    if view.total is not None:
        span = "" if view.low is None or view.high is None else f"{view.low:.1f}–{view.high:.1f}"
        yield (
            Text("得分", "Score"),
            Text(
                f"{view.total:.1f}" + (f"，很可能在{span}之间" if span else ""),
                f"{view.total:.1f}" + (f", very likely between {span}" if span else ""),
            ),
        )
    yield Text("档次", "Band"), view.band or Text("暂不评档", "No band yet")
    if view.mean is not None:
        yield Text("全部平均", "Mean of all"), Text(f"{view.mean:.1f}", f"{view.mean:.1f}")
    if view.window is not None:
        until = view.window.until.astimezone(ZoneInfo(settings().time_zone))
        day = f"{until:%Y-%m-%d %H:%M}"
        yield Text("提异议到", "Objections until"), Text(day, day)


def _sections(view: HubView) -> Iterable[Section]:
    said = (*view.sentences, *view.trust.sentences)
    yield Section(Text("结果", "The result"), said, (_strip(view),) if view.total is not None else ())
    if view.steps or view.next_band:
        yield _steps(view)
    if view.dimensions:
        yield Section(Text("分在哪里", "Where the points are"), (), (_dimensions(view), _earned(view)))
    if view.trust.gaps:
        pattern = Text("示范青年汇做到的、我们还没做到的", "What demonstration hubs do that we do not")
        yield Section(pattern, (), (_gaps(view),))
    if view.missing:
        yield Section(Text("缺的数据", "What is missing"), view.missing)
    if view.objections:
        yield Section(Text("我们的异议", "Our objections"), (), (_objections(view),))


def _strip(view: HubView) -> Table:
    columns = (
        Column(Text("横条是95%区间，虚线是平均", "Bar: 95% interval, dotted: mean"), width=4),
        Column(Text("得分", "Score"), 1),
        Column(Text("低", "Low"), 1),
        Column(Text("高", "High"), 1),
    )
    strip = Strip(view.edges, view.total, view.low, view.high, view.mean)
    ends = [f"{edge:g}" for edge in view.edges]
    bands = zip(view.band_names, ends, ends[1:], strict=False)
    scale = [(name, start, end) for name, start, end in bands]
    return Table(
        Text("", ""),
        columns,
        ((strip, view.total, view.low, view.high),),
        Text(
            "；".join(f"{name.zh}{start}–{end}" for name, start, end in scale),
            "; ".join(f"{name.en} {start}–{end}" for name, start, end in scale),
        ),
    )


def _steps(view: HubView) -> Section:
    columns = (
        Column(Text("做什么", "What"), width=1.6),
        Column(Text("怎么做", "How"), width=3.4),
        Column(Text("加分", "Points"), 1, width=0.7),
        Column(Text("看得出来吗", "Would it show"), width=1.4),
    )
    rows = tuple(
        (
            step.title,
            step.sentence,
            step.gain,
            Text("在误差之内", "within noise") if step.is_noise else Text("能看出来", "yes"),
        )
        for step in view.steps[:TO_DOS]
    )
    table = Table(Text("三件最能加分的事", "The three things that would raise it most"), columns, rows)
    return Section(
        Text("怎样加分最多", "What would raise it most"),
        (view.next_band,) if view.next_band else (),
        (table,) if rows else (),
    )


def _dimensions(view: HubView) -> Table:
    columns = (
        Column(Text("维度", "Dimension"), width=2),
        Column(Text("我们", "Ours"), 1),
        Column(Text("满分", "Full"), 1),
        Column(Text("示范青年汇的中位数", "Median of demonstration hubs"), 1, width=1.6),
    )
    rows = tuple((one.name, one.points, one.possible, one.median) for one in view.dimensions)
    return Table(Text("五个维度", "Dimensions"), columns, rows, bars=(1, 2))


def _earned(view: HubView) -> Table:
    columns = (
        Column(Text("指标", "Criterion"), width=3),
        Column(Text("得分", "Gained"), 1),
        Column(Text("满分", "Full"), 1),
    )
    rows = tuple((one.name, one.gained, one.possible) for one in view.earned)
    return Table(Text("每一分从哪来", "Where every point comes from"), columns, rows, bars=(1, 2))


def _gaps(view: HubView) -> Table:
    columns = (
        Column(Text("指标", "Criterion"), width=1.5),
        Column(Text("差在哪里", "The difference"), width=3.5),
        Column(Text("值几分", "Points"), 1, width=0.7),
        Column(Text("看得出来吗", "Would it show"), width=1.3),
    )
    noise, yes = Text("在误差之内", "within noise"), Text("能看出来", "yes")
    rows = tuple(
        (one.title, one.sentence, one.points, noise if one.is_noise else yes) for one in view.trust.gaps
    )
    return Table(Text("和示范青年汇比", "Beside demonstration hubs"), columns, rows)


def _objections(view: HubView) -> Table:
    columns = (
        Column(Text("指标", "Criterion"), width=1.5),
        Column(Text("我们说", "We said"), width=2.5),
        Column(Text("答复", "Answer"), width=2.5),
    )
    waiting = Text("等裁定", "waits for a decision")
    rows = tuple((one.title, one.words, one.answer or waiting) for one in view.objections)
    return Table(Text("异议", "Objections"), columns, rows)
