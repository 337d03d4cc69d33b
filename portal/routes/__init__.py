"""One file a kind of visitor; each function is one door: it opens the session and calls one service."""

from __future__ import annotations

from fastapi import APIRouter

from portal.routes import attendance, consents, hubs, offers, participants, preferences, public, volunteers

ROUTERS: tuple[APIRouter, ...] = (
    offers.router,
    consents.router,
    participants.router,
    attendance.router,
    hubs.router,
    volunteers.router,
    preferences.router,
    public.router,
)
