"""The sentences of why and why not, for coordinators: plain, and about nobody who is not asked about."""

from __future__ import annotations

from collections.abc import Sequence

from config.text import Text
from matching.record import Known
from matching.why import Part, Standing, Verdict, missed
from services.queries import Occasion
from services.wording import moment_text

HERE = Text("这里", "here")
IF_ASKED = Text("硬要排在这里，会变的是：", "If placed here all the same, this changes:")
_JOIN = ("、", ", ")


def head(name: str, one: Occasion) -> Text:
    """Return the first line: who and which activity."""
    return Text("{name} · {what}", "{name} · {what}").format(name=name, what=occasion(one))


def occasion(one: Occasion) -> Text:
    """Return an activity as a coordinator names it."""
    when = moment_text(one.activity.starts_at, one.hub.time_zone)
    return Text("“{title}”（{hub}，{when}）", "“{title}” ({hub}, {when})").format(
        title=one.title, hub=one.hub_name, when=when
    )


def of_role(role: Text, sentence: Text) -> Text:
    """Return a sentence about one role."""
    return Text("{role}：{sentence}", "{role}: {sentence}").format(role=role, sentence=sentence)


def item(text: Text) -> Text:
    """Return one of several changes, as a line of a list."""
    return Text("- {text}", "- {text}").format(text=text)


def reasons(found: Verdict, needed_at: Sequence[Text]) -> tuple[Text, ...]:
    """Return why somebody is placed or not."""
    if found.standing is Standing.BARRED:
        line = Text("不能排：{all}。", "Cannot be placed: {all}.")
        return (line.format(all=_joined([miss.sentence for miss in found.misses])),)
    if found.standing is Standing.FULL:
        return (Text("这个角色没有空位。", "The role has no open place."),)
    points = _points(found.parts)
    if found.standing is Standing.PLACED:
        return (_placed(found).format(points=points),)
    return (_not_placed(found, needed_at).format(points=points),)


def standing_then(known: Known | None) -> Standing:
    """Return how somebody stood to a place, as far as it was kept."""
    if known is None or known.lacks:
        return Standing.BARRED
    return Standing.PLACED if known.is_placed else Standing.OUTBID


def as_known(known: Known | None) -> Text:
    """Return what a run knew of somebody, as far as it was kept."""
    if known is None:
        return Text(
            "当时不在考虑之内：住得太远，或者几个条件都不合。",
            "Was not considered: too far away, or several conditions missed.",
        )
    if known.lacks:
        return Text("当时不能排：{all}。", "Could not be placed: {all}.").format(
            all=_joined([missed(code) for code in known.lacks])
        )
    if known.is_placed:
        return Text(f"当时排在这里（{known.points}分）。", f"Was placed here ({known.points} points).")
    if known.lowest is not None and known.lowest >= known.points:
        return Text(
            f"当时合适（{known.points}分），排在这里的人至少{known.lowest}分。",
            f"Did fit ({known.points} points); whoever was placed here had {known.lowest} or more.",
        )
    short = (
        Text(f"，至少差{known.price}分", f", by {known.price} points or more")
        if known.price
        else Text("", "")
    )
    line = Text(
        "当时合适（{points}分），但别处更需要{short}。",
        "Did fit ({points} points), but was needed more elsewhere{short}.",
    )
    return line.format(points=known.points, short=short)


def as_then(run_id: int) -> Text:
    """Say that the answer rests on what was kept."""
    return Text(f"这是第{run_id}次配人时留下的记录。", f"This is what run {run_id} kept.")


def change(name: Text, from_: Text | None, to: Text | None) -> Text:
    """Return what happens to one person."""
    at = "" if HERE in (from_, to) else "at "
    if from_ is None:
        line = Text("{name}排到{to}", f"{{name}} is placed {at}{{to}}")
    elif to is None:
        line = Text("{name}不再排在{from_}", f"{{name}} is no longer placed {at}{{from_}}")
    else:
        line = Text("{name}从{from_}换到{to}", "{name} moves from {from_} to {to}")
    return line.format(name=name, from_=from_ or "", to=to or "")


def as_of(run_id: int | None, *, is_same: bool) -> Text:
    """Say what the answer rests on."""
    if run_id is None:
        return Text(
            "还没有配过，按现在的情况算。", "Nothing has been matched yet; this is as things stand now."
        )
    if is_same:
        return Text(f"和第{run_id}次配人时的情况一样。", f"Nothing has changed since run {run_id}.")
    return Text(
        f"第{run_id}次配人以后情况有变，按现在的算。",
        f"Things have changed since run {run_id}; this is as they stand now.",
    )


def _placed(found: Verdict) -> Text:
    lost = found.what_if
    if lost is None or lost.filled >= 0:
        return Text(
            "排在这里（{points}）；没有这个人，别人能补上。",
            "Placed here ({points}); without them somebody else fills the place.",
        )
    return Text(
        f"排在这里（{{points}}）；没有这个人，全网少填{-lost.filled}个位置。",
        f"Placed here ({{points}}); without them {-lost.filled} more would stay empty.",
    )


def _not_placed(found: Verdict, needed_at: Sequence[Text]) -> Text:
    cost = found.what_if.cost if found.what_if else 0.0
    about = Text("", "") if found.what_if and found.what_if.proven else Text("大约", "about ")
    if found.standing is Standing.ELSEWHERE:
        line = Text(
            "合适（{points}），但更需要去{where}；改排这里，全局少{about}{cost}分。",
            "Fits ({points}), but is needed more at {where}; being placed here would cost the whole plan {about}{cost} points.",
        )
        return line.format(points="{points}", where=_joined(needed_at), about=about, cost=f"{cost:g}")
    line = Text(
        "合适（{points}），但别人更合适：再多{about}{cost}分才会排到。",
        "Fits ({points}), but others fit better: {about}{cost} points more would be needed.",
    )
    return line.format(points="{points}", about=about, cost=f"{cost + 1:g}")


def _points(parts: Sequence[Part]) -> Text:
    if not parts:
        return Text("没有加减分", "no points either way")
    line = Text("{name}{points}", "{name} {points}")
    return _joined([line.format(name=part.name, points=f"{part.points:+g}") for part in parts])


def _joined(texts: Sequence[Text]) -> Text:
    return Text(_JOIN[0].join(text.zh for text in texts), _JOIN[1].join(text.en for text in texts))
