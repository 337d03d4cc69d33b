"""The linear model of a choice of pairs: its columns and rows, and prices for the pairs left out.

Columns: x a pair is chosen; first and rest, the filled seats of a slot by what they earn; open, an
activity that has conditions takes place; used, a person with a price is asked; present, a person counts
for a rule. One row per maximal set of overlapping pairs is tighter than one per couple, and far fewer.
"""

from __future__ import annotations

import numpy as np

from matching.conflicts import Timeline, blocked_teams
from matching.fitting import load_rows
from matching.linear import Sheet
from matching.pairs import UNTIMED, PairModel
from matching.pool import Flags, Floats, Ints


class Formulation:
    """Write the linear model of some pairs, and read prices for all the others from its duals."""

    def __init__(self, model: PairModel, pairs: Ints, timeline: Timeline) -> None:
        self.pairs = np.sort(pairs)
        self._model = model
        self._timeline = timeline
        self._sheet = Sheet()
        self._column_of = np.full(len(model.person), -1, dtype=np.int64)
        self._column_of[self.pairs] = self._sheet.add_columns(
            model.value[self.pairs], np.ones(len(self.pairs)), integral=True
        )
        self._write_prices()
        self._write_slots()
        self._write_cliques()
        self._write_ways()
        self._write_loads()
        self._write_teams()
        self._write_blocked()
        self.linear = self._sheet.model()

    def start_from(self, chosen: Ints) -> Floats:
        """Return the columns of a plan, for use as a starting solution."""
        model, values = self._model, np.zeros(self._sheet.columns)
        values[self._column_of[chosen]] = 1
        filled = np.bincount(model.slot[chosen], minlength=len(model.slots))
        first = np.minimum(filled, model.slots.first_seats)
        values[self._first] = first[self._tiered]
        values[self._rest] = (filled - first)[self._tiered]
        is_open = np.isin(self._gated, model.activity[chosen])
        values[self._open] = is_open
        values[self._used] = np.isin(self._priced, model.person[chosen])
        if len(self._present):
            there = set(zip(model.person[chosen].tolist(), model.activity[chosen].tolist(), strict=True))
            values[self._present] = [pair in there for pair in self._present_of]
        return values

    def _write_prices(self) -> None:
        model, sheet = self._model, self._sheet
        people = np.unique(model.person[self.pairs])
        self._priced = people[model.ask_price[people] != 0]
        self._used = sheet.add_columns(
            -model.ask_price[self._priced], np.ones(len(self._priced)), integral=True
        )
        self._use_of = np.full(model.people, -1, dtype=np.int64)
        self._use_of[self._priced] = self._used

    def _write_slots(self) -> None:
        model, slots, sheet = self._model, self._model.slots, self._sheet
        is_tiered = (slots.first_bonus != 0) | (slots.rest_bonus != 0)
        self._tiered = np.flatnonzero(is_tiered)
        first = slots.first_seats[self._tiered]
        rest = np.maximum(slots.seats[self._tiered] - first, 0)
        self._first = sheet.add_columns(slots.first_bonus[self._tiered], first, integral=False)
        self._rest = sheet.add_columns(slots.rest_bonus[self._tiered], rest, integral=False)
        self._gated = np.flatnonzero(model.gated)
        self._open = sheet.add_columns(np.zeros(len(self._gated)), np.ones(len(self._gated)), integral=True)
        self._open_of = np.full(model.activities, -1, dtype=np.int64)
        self._open_of[self._gated] = self._open
        self._write_seats(is_tiered)

    def _write_seats(self, is_tiered: Flags) -> None:
        model, slots, sheet = self._model, self._model.slots, self._sheet
        x, slot = self._column_of[self.pairs], model.slot[self.pairs]
        gate = self._open_of[slots.activity]
        gated = np.flatnonzero(gate >= 0)
        self._seat_rows = sheet.add_rows(np.where(gate >= 0, 0, slots.seats))
        sheet.put(self._seat_rows[slot], x, 1)
        sheet.put(self._seat_rows[gated], gate[gated], -slots.seats[gated].astype(np.float64))
        self._tier_rows = np.full(len(slots), -1, dtype=np.int64)
        self._tier_rows[self._tiered] = sheet.add_rows(np.zeros(len(self._tiered)))
        sheet.put(self._tier_rows[self._tiered], self._first, 1)
        sheet.put(self._tier_rows[self._tiered], self._rest, 1)
        sheet.put(self._tier_rows[slot[is_tiered[slot]]], x[is_tiered[slot]], -1)
        whole = np.flatnonzero(model.whole[slots.activity])
        self._whole_rows = np.full(len(slots), -1, dtype=np.int64)
        self._whole_rows[whole] = sheet.add_rows(np.zeros(len(whole)))
        sheet.put(self._whole_rows[whole], gate[whole], slots.seats[whole].astype(np.float64))
        in_whole = self._whole_rows[slot] >= 0
        sheet.put(self._whole_rows[slot[in_whole]], x[in_whole], -1)

    def _write_cliques(self) -> None:
        model, sheet = self._model, self._sheet
        cliques = self._timeline.cliques(self.pairs)
        person = model.person[cliques.pair]
        size = np.bincount(cliques.row, minlength=len(cliques.key))
        owner = np.zeros(len(cliques.key), dtype=np.int64)
        owner[cliques.row] = person
        # Of somebody with a price a single pair is a row too: it says that they are used.
        keep = (size > 1) | (self._use_of[owner] >= 0)
        self._clique_keys = cliques.key[keep]
        self._clique_rows = np.full(len(cliques.key), -1, dtype=np.int64)
        use = self._use_of[owner[keep]]
        self._clique_rows[keep] = sheet.add_rows(np.where(use >= 0, 0.0, 1.0))
        is_member = keep[cliques.row]
        sheet.put(self._clique_rows[cliques.row[is_member]], self._column_of[cliques.pair[is_member]], 1)
        self._clique_rows = self._clique_rows[keep]
        sheet.put(self._clique_rows[use >= 0], use[use >= 0], -1)
        self._write_uses()

    def _write_uses(self) -> None:
        # Pairs without times stand in no clique. One row a pair is the tight form: their sum may exceed one.
        sheet, pairs = self._sheet, self.pairs[self._model.starts(self.pairs) == UNTIMED]
        pairs = pairs[self._use_of[self._model.person[pairs]] >= 0]
        self._use_rows = sheet.add_rows(np.zeros(len(pairs)))
        sheet.put(self._use_rows, self._column_of[pairs], 1)
        sheet.put(self._use_rows, self._use_of[self._model.person[pairs]], -1)

    def _write_ways(self) -> None:
        before, after = self._timeline.unreachable(self.pairs)
        rows = self._sheet.add_rows(np.ones(len(before)))
        self._sheet.put(rows, self._column_of[before], 1)
        self._sheet.put(rows, self._column_of[after], 1)

    def _write_loads(self) -> None:
        model, periods = self._model, self._model.capacity.shape[1]
        own = model.person[self.pairs] * periods + model.slots.period[model.slot[self.pairs]]
        self._loads = [
            (row, self._write_limit(own, row.weight(own, self.pairs), row.limit))
            for row in load_rows(model.load, model.capacity.ravel())
        ]
        self._most_rows = self._write_limit(model.person[self.pairs], np.ones(len(self.pairs)), model.most)

    def _write_limit(self, account: Ints, load: Floats, limit: Floats) -> Ints:
        """Limit the load of each account; rows that cannot bind are left out. Return rows by account."""
        sheet = self._sheet
        total = np.bincount(account, weights=load, minlength=len(limit))
        binding = np.flatnonzero(total > limit)
        rows = np.full(len(limit), -1, dtype=np.int64)
        rows[binding] = sheet.add_rows(limit[binding])
        counts = rows[account] >= 0
        sheet.put(rows[account[counts]], self._column_of[self.pairs[counts]], load[counts])
        return rows

    def _write_teams(self) -> None:
        model, sheet = self._model, self._sheet
        self._rule_rows = sheet.add_rows(np.zeros(len(model.rules)))
        needed = np.array([rule.at_least for rule in model.rules], dtype=np.float64)
        opened = self._open_of[np.array([rule.activity for rule in model.rules], dtype=np.int64)]
        sheet.put(self._rule_rows, opened, needed)
        self._rule_pairs = model.rule_members
        rule, pair = self._rule_pairs
        here = self._column_of[pair] >= 0
        rule, pair = rule[here], pair[here]
        twice = self._holds_two(pair) & (needed[rule] > 1)
        sheet.put(self._rule_rows[rule[~twice]], self._column_of[pair[~twice]], -1)
        self._write_presence(rule[twice], pair[twice])

    def _holds_two(self, pairs: Ints) -> Flags:
        """Mark pairs of people with several pairs in one activity that they could hold together."""
        model = self._model
        team = model.person[pairs] * model.activities + model.activity[pairs]
        _, group, size = np.unique(team, return_inverse=True, return_counts=True)
        twice: Flags = size[group] > 1
        return twice

    def _write_presence(self, rule: Ints, pair: Ints) -> None:
        """Count a person once for a rule, however many slots of the activity they hold."""
        model, sheet = self._model, self._sheet
        team = model.person[pair] * model.activities + model.activity[pair]
        key, group = np.unique(team, return_inverse=True)
        self._present_of = [divmod(int(k), model.activities) for k in key]
        self._present = sheet.add_columns(np.zeros(len(key)), np.ones(len(key)), integral=True)
        rows = sheet.add_rows(np.zeros(len(key)))
        sheet.put(rows, self._present, 1)
        once = np.unique(np.stack([group, pair]), axis=1)
        sheet.put(rows[once[0]], self._column_of[once[1]], -1)
        by_rule = np.unique(np.stack([rule, group]), axis=1)
        sheet.put(self._rule_rows[by_rule[0]], self._present[by_rule[1]], -1)

    def _write_blocked(self) -> None:
        left, right = blocked_teams(self._model, self.pairs)
        rows = self._sheet.add_rows(np.ones(len(left)))
        for side in (left, right):
            row, pair = _flatten(side)
            self._sheet.put(rows[row], self._column_of[pair], 1)

    def reduced_costs(self, duals: Floats) -> Floats:
        """Return value less prices for every pair of the model, those left out included.

        A pair left out is priced in the rows it would stand in; rows that do not exist yet cost it
        nothing, which keeps the bound of `bound_from` valid for the whole model.
        """
        model = self._model
        seat = duals[self._seat_rows] - _take(duals, self._tier_rows) - _take(duals, self._whole_rows)
        reduced = model.value - seat[model.slot]
        summed = np.append(0.0, np.cumsum(duals[self._clique_rows]))
        # Few people have a price of their own; for all the others there is nothing to look up.
        is_priced = np.zeros(model.people, dtype=bool)
        is_priced[self._timeline.owners(self._clique_keys[duals[self._clique_rows] != 0])] = True
        timed = np.flatnonzero(is_priced[model.person] & (model.slots.start >= 0)[model.slot])
        first = np.searchsorted(
            self._clique_keys, self._timeline.keys(model.person[timed], model.starts(timed))
        )
        last = np.searchsorted(self._clique_keys, self._timeline.keys(model.person[timed], model.ends(timed)))
        reduced[timed] -= summed[last] - summed[first]
        account = model.person * model.capacity.shape[1] + model.period
        for row, written in self._loads:
            price = _take(duals, written)
            paid = np.flatnonzero((price != 0)[account])
            reduced[paid] -= price[account[paid]] * row.weight(account[paid], paid)
        reduced -= _take(duals, self._most_rows)[model.person]
        rule, pair = self._rule_pairs
        np.add.at(reduced, pair, duals[self._rule_rows[rule]])
        self._charge_use(reduced, duals)
        # Pairs in the model stand in rows that the lines above do not know; theirs is exact.
        reduced[self.pairs] = self._own_reduced(duals)[self._column_of[self.pairs]]
        return reduced

    def _charge_use(self, reduced: Floats, duals: Floats) -> None:
        """Let the pairs left out share what is over of their person's price, as far as it goes."""
        model = self._model
        over = model.ask_price.copy()
        over[self._priced] = np.maximum(0.0, -self._own_reduced(duals)[self._used])
        charged = np.flatnonzero((reduced > 0) & (over[model.person] > 0) & (self._column_of < 0))
        person, gain = model.person[charged], reduced[charged]
        total = np.bincount(person, weights=gain, minlength=model.people)[person]
        reduced[charged] -= gain * np.minimum(1.0, over[person] / total)

    def _own_reduced(self, duals: Floats) -> Floats:
        linear = self.linear
        spent = np.bincount(
            linear.column, weights=duals[linear.row] * linear.entry, minlength=len(linear.cost)
        )
        reduced: Floats = linear.cost - spent
        return reduced

    def bound_from(self, duals: Floats, reduced: Floats) -> float:
        """Return an upper bound of the whole model's value, valid for any duals >= 0 (weak duality)."""
        own = self._own_reduced(duals)
        outside = np.ones(len(reduced), dtype=bool)
        outside[self.pairs] = False
        inside = float((np.maximum(own, 0) * self.linear.upper).sum())
        return float(duals @ self.linear.limit) + inside + float(np.maximum(reduced[outside], 0).sum())


def _take(duals: Floats, rows: Ints) -> Floats:
    return np.where(rows >= 0, duals[rows], 0.0)


def _flatten(groups: list[list[int]]) -> tuple[Ints, Ints]:
    sizes = [len(group) for group in groups]
    members = [member for group in groups for member in group]
    return np.repeat(np.arange(len(groups)), sizes), np.array(members, dtype=np.int64)
