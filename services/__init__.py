"""Floor 3: the verbs of the organisation - schedule, offer, accept, remind, record, score, release.

May import the rooms below. A service gets a session and `now`, never commits, and raises one
`HubError` that carries every refusal; an exception means that nothing was written. Start with
`offers.py`, and read `errors.py` before you write a new verb.
"""
