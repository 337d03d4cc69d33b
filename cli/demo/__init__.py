"""The demo: a made-up district that lives through real parts. It begins in `launch.py`.

`district.py` makes the district, `home.py` its folder, clock and database, `week.py` what happens in
a week, and `closing.py` the table at the end. Runs on floor 5, so it may import every room.
"""
