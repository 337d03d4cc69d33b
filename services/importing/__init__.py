"""Getting a network in: from the sheets of an office to rows, all or nothing.

Codes identify rows, so the same file again changes nothing and a corrected one updates. Start with
`network.py` (the whole way on one page), then `forms.py` (which sheets there are), `references.py`
and `rules.py` (what must hold between rows), `sync.py` (what differs from the database).
"""
