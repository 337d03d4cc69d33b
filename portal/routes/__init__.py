"""One file a kind of visitor; each function is one door: it opens the session and calls one service."""

from __future__ import annotations

from fastapi import APIRouter

from portal.routes import (
    activity_changes,
    assessments,
    attendance,
    branches,
    call_outs,
    check_in,
    commitments,
    consents,
    hours,
    hubs,
    looks,
    mail_times,
    offers,
    participants,
    preferences,
    proposals,
    public,
    reports,
    risk_checks,
    rules,
    schedule,
    surveys,
    volunteers,
    why,
)

ROUTERS: tuple[APIRouter, ...] = (
    offers.router,
    consents.router,
    participants.router,
    attendance.router,
    check_in.router,
    surveys.router,
    assessments.router,
    hubs.router,
    risk_checks.router,
    proposals.router,
    hours.router,
    schedule.router,
    activity_changes.router,
    why.router,
    call_outs.router,
    commitments.router,
    branches.router,
    rules.router,
    reports.router,
    volunteers.router,
    preferences.router,
    mail_times.router,
    public.router,
    looks.router,
)
