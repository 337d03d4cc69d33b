"""The people of the demo: they read their mail, follow its links over HTTP, and answer by chance.

A process of its own that is given a Maildir, the portal's address and a seed, and knows nothing
else: it uses the standard library and imports no room of ours, so that what works for it works for
people. Start with `behaviour.py`, which says how likely everybody does what.
"""
