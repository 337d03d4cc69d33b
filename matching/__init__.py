"""Floor 2, pure: who could do what, and the best plan of who is asked for it.

Plain values in, plain values out: no table, file or clock. It may import `config.text`, NumPy and HiGHS.
Start with `inputs.py` (the words), then `eligibility.py` (who may), `scoring.py` (who fits),
`assignment.py` (the best plan with its proven bound), `explanation.py` (why), and `verification.py`,
which checks every plan and shares no code with what made it. `problem.py` does the same for files.
"""
