"""Rights follow roles and the tree, and reach no further."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from models import RoleKind
from models.states import PersonState
from services import access
from services.errors import NotYours
from tests.factories import make_coordinator, make_hub, make_manager, make_person, make_role, make_unit


def test_coordinator_runs_own_hub_and_no_other(session: Session) -> None:
    hub, other = make_hub(session), make_hub(session)
    person = make_coordinator(session, hub)
    assert access.hubs_of(session, person.id) == [hub.id]
    assert access.may_coordinate(session, person.id, hub.id)
    assert not access.may_coordinate(session, person.id, other.id)


def test_coordinator_of_a_branch_runs_every_hub_below_it(session: Session) -> None:
    district = make_unit(session)
    street = make_unit(session, parent=district)
    hubs = [make_hub(session, unit=street), make_hub(session, unit=district)]
    make_hub(session)
    person = make_person(session)
    make_role(session, person, RoleKind.COORDINATOR, unit=district)
    assert access.hubs_of(session, person.id) == [hub.id for hub in hubs]


def test_branch_is_told_by_whole_ids_of_the_path(session: Session) -> None:
    one = make_unit(session, code="one")
    eleven = make_unit(session, code="eleven")
    one.path, eleven.path = "/1/", "/11/"
    make_hub(session, unit=eleven)
    hub = make_hub(session, unit=one)
    assert access.branch_hubs(session, one.id) == [hub.id]


def test_unit_outside_the_tree_covers_nothing(session: Session) -> None:
    lost = make_unit(session)
    lost.path = ""
    make_hub(session)
    person = make_manager(session, lost)
    make_role(session, person, RoleKind.COORDINATOR, unit=lost)
    assert access.hubs_of(session, person.id) == []
    assert access.branch_hubs(session, lost.id) == []
    assert not access.may_release(session, person.id, make_unit(session).id)


def test_role_without_scope_covers_nothing(session: Session) -> None:
    make_hub(session)
    person = make_person(session)
    make_role(session, person, RoleKind.COORDINATOR)
    assert access.hubs_of(session, person.id) == []


@pytest.mark.parametrize("state", [PersonState.INACTIVE, PersonState.AWAITING_CONSENT])
def test_person_who_left_runs_nothing(session: Session, state: PersonState) -> None:
    hub = make_hub(session)
    person = make_coordinator(session, hub, state=state)
    assert not access.may_coordinate(session, person.id, hub.id)


def test_manager_releases_own_branch_only_and_runs_no_hub(session: Session) -> None:
    district = make_unit(session)
    street = make_unit(session, parent=district)
    hub = make_hub(session, unit=street)
    manager = make_manager(session, street)
    assert access.may_release(session, manager.id, street.id)
    assert not access.may_release(session, manager.id, district.id)
    assert not access.may_release(session, manager.id, make_unit(session).id)
    assert not access.may_coordinate(session, manager.id, hub.id)


def test_manager_of_the_district_releases_below(session: Session) -> None:
    district = make_unit(session)
    street = make_unit(session, parent=district)
    assert access.may_release(session, make_manager(session, district).id, street.id)


def test_outsider_is_refused_with_a_sentence(session: Session) -> None:
    hub = make_hub(session)
    outsider = make_coordinator(session, make_hub(session))
    with pytest.raises(NotYours) as refused:
        access.require_coordinator(session, outsider.id, hub.id)
    assert refused.value.sentence.zh.startswith("这一页属于别的青年汇")
