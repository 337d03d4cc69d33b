"""The independent checkers of plans: slow, simple, and without a line of the code they check.

`people.py` checks a plan of people and places, `files.py` the answer to a problem file. They may import
the plain values they judge, and neither the model nor the eligibility rules (import-linter).
"""

from matching.verification.files import verify_answer
from matching.verification.people import Rule, Violation, verify_plan

__all__ = ["Rule", "Violation", "verify_answer", "verify_plan"]
