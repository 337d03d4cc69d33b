"""Floor 2, pure: what a standards framework says, and what it makes of observations.

Text and plain values in, plain values out; imports `config.text` only, opens no file, knows no table.
Start with `framework.py` (what a framework is), `loading.py` (from its YAML, with everything wrong at once)
and `scoring.py` (from observations to a score with its interval, gates and band).
"""
