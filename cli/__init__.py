"""Floor 5: the command line, the launcher of `up` and `demo`, and the clock.

May import every room but the simulator. Each command is a door: it opens the session, reads the
clock, calls one service and prints the result in words. Start with `main.py`.
"""
