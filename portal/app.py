"""The portal: one application, its rooms of routes, and what answers when something is wrong."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from notifications.links import LinkBroken, LinkExpired
from portal import errors
from portal.routes import ROUTERS
from portal.security import Shield
from services.dispatch import Bell
from services.errors import HubError

STATIC = Path(__file__).parent / "static"


def create_app(*, bell: Bell | None = None) -> FastAPI:
    """Return the portal; `bell` tells a worker of work that a page asked for, None leaves it to the clock."""
    app = FastAPI(title="Youth Hub Network", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.bell = bell
    # One flat list: routers within routers are matched anew for each request, a sixth of its time.
    app.router.routes.extend(route for router in ROUTERS for route in router.routes)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(LinkBroken, errors.link_broken)
    app.add_exception_handler(LinkExpired, errors.link_expired)
    app.add_exception_handler(HubError, errors.refused)
    app.add_exception_handler(HTTPException, errors.not_routed)
    app.add_exception_handler(RequestValidationError, errors.bad_address)
    app.add_middleware(Shield, error_page=errors.unforeseen)
    return app
