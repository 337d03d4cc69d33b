"""Floor 4: the pages - signed links for volunteers, guardians, residents, assessors and staff, and public pages.

May import `services` and below, and is the only room that knows FastAPI. A GET never changes anything;
a POST does one deed and leads back to the page, which shows the present state. Start with `app.py` and
`pages.py`, then read `routes/offers.py` with `templates/offer.html`.
"""
