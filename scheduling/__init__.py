"""Floor 2, pure: when a series happens, and what gets in its way.

Plain values in, plain values out. It may import `config.text` only. Start with `recurrence.py`, which
turns a rule into dated activities in the hub's own time; `holidays.py` knows the public holidays, and
`conflicts.py` finds two activities in one room.
"""
