"""Floor 2: everything that leaves as mail - kinds, templates, links, calendar entries, outbox, SMTP.

May import `config` and `models`. A message is a frozen value of `kinds/`; `outbox.queue` renders it
to its final bytes in the transaction of the deed, and `services/delivery.py` alone sends it, through
`smtp.py`. Start with `kinds/offers.py` and `templates/offer.jinja`, then read `outbox.py`.
"""
