"""Floor 0: settings, the clock, bilingual text and logging.

Everybody may import this room and it imports no other. Start with `settings.py` for what can be
configured, and `clock.py` for what time it is. The pure rooms may use `text.py` only.
"""
