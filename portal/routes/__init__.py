"""One file a kind of visitor; each function is one door: it opens the session and calls one service."""

from __future__ import annotations

from fastapi import APIRouter

from portal.routes import (
    activity_changes,
    assessments,
    attendance,
    branches,
    commitments,
    consents,
    hubs,
    offers,
    participants,
    preferences,
    public,
    reports,
    rules,
    schedule,
    surveys,
    volunteers,
)

ROUTERS: tuple[APIRouter, ...] = (
    offers.router,
    consents.router,
    participants.router,
    attendance.router,
    surveys.router,
    assessments.router,
    hubs.router,
    schedule.router,
    activity_changes.router,
    commitments.router,
    branches.router,
    rules.router,
    reports.router,
    volunteers.router,
    preferences.router,
    public.router,
)
