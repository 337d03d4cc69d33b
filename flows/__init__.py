"""Floor 4: thin Prefect flows, one file a verb phrase; the only room that knows the engine.

A flow opens the session, reads the clock, calls one service, and leaves an artifact that a person
can read. It may import services and below. Start with `base.py`, which does all of that once, then
`match_volunteers.py`; `take.py` is how work that was asked for by a row comes to run here.
"""
