"""One file a kind of visitor; each function is one door: it opens the session and calls one service."""

from __future__ import annotations

from fastapi import APIRouter

from portal.routes import attendance, offers, participants, preferences, public

ROUTERS: tuple[APIRouter, ...] = (
    offers.router,
    participants.router,
    attendance.router,
    preferences.router,
    public.router,
)
