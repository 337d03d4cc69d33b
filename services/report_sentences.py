"""What a report says first: what changed since the last evaluation, and what of it is more than noise."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from config.text import Text, plural
from services.report_standing import Standing


def changes(standing: Standing) -> Iterable[Text]:
    """Say in three sentences what changed, and what of it is more than noise."""
    mean = standing.scores.figures
    if mean.mean is not None:
        yield _mean_sentence(standing)
    if standing.before is None:
        yield Text(
            "没有同一版标准体系的上一轮，不作比较。",
            "There is no earlier evaluation by the same framework to compare with.",
        )
        return
    moves = [change for one in standing.scores.hubs if (change := standing.change(one)) is not None]
    up = sum(one.is_clear and one.points > 0 for one in moves)
    down = sum(one.is_clear and one.points < 0 for one in moves)
    same = len(moves) - up - down
    yield Text(
        f"和上一轮比，{up}家明显上升，{down}家明显下降，{same}家的变化在误差之内。",
        f"Since the last evaluation {up} {plural(up, 'hub', 'hubs')} rose clearly, {down} fell clearly, and "
        f"{same} changed within noise.",
    )
    moved = [
        (name, count - old)
        for name, count in mean.bands
        if (old := dict(standing.before.figures.bands).get(name)) is not None and count != old
    ]
    if moved:
        yield Text(
            "，".join(f"{name.zh}{by:+d}家" for name, by in moved) + "。",
            ", ".join(f"{name.en} {by:+d}" for name, by in moved) + ".",
        )


def _mean_sentence(standing: Standing) -> Text:
    now, then = standing.scores.figures, standing.before.figures if standing.before else None
    assert now.mean is not None
    interval = "" if now.low is None or now.high is None else f"{now.low:.1f}–{now.high:.1f}"
    told = Text(
        f"平均{now.mean:.1f}分" + (f"（95%区间{interval}）" if interval else ""),
        f"The mean is {now.mean:.1f}" + (f" (95% interval {interval})" if interval else ""),
    )
    if then is None or then.mean is None or then.low is None or now.low is None:
        return Text(f"{told.zh}。", f"{told.en}.")
    by = now.mean - then.mean
    half = sqrt((now.mean - now.low) ** 2 + (then.mean - then.low) ** 2)
    # Both ends lie 1.96 errors from their mean, so this is 1.96 errors of the difference.
    clear = abs(by) > half
    return Text(
        f"{told.zh}，比上一轮{by:+.1f}，{'超出了误差' if clear else '在误差之内'}。",
        f"{told.en}, {by:+.1f} since the last evaluation, {'more than noise' if clear else 'within noise'}.",
    )
