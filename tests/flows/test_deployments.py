"""prefect.yaml: no key that would be ignored, flows that exist, times that parse."""

import re
from typing import Any

import pytest
from prefect import Flow
from prefect.cli.deploy._models import PrefectYamlModel
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import load_flow_from_entrypoint
from ruamel.yaml import YAML

from cli.deploying import POOL, PREFECT_YAML, deployments
from flows.in_place import DEPLOYMENT, flow_for
from services.due import QUESTIONS
from services.work import KINDS, Door

SCHEMA = PrefectYamlModel.model_json_schema()
ENTRIES = {entry["entrypoint"]: entry for entry in deployments()}
SCHEDULES = [(name, item) for name, entry in ENTRIES.items() for item in entry.get("schedules", [])]
OUR_OWN = {"definitions"}
FREE = {"job_variables", "parameters"}


def unknown_keys(value: Any, allowed: dict[str, Any], path: str = "") -> list[str]:
    """The keys that Prefect would ignore without a word, by their path."""
    properties = {
        key: item for option in _options(allowed) for key, item in option.get("properties", {}).items()
    }
    found = []
    for key, item in value.items():
        if key not in properties:
            found.append(f"{path}{key}")
        elif key not in FREE:
            for child in item if isinstance(item, list) else [item]:
                if isinstance(child, dict):
                    found += unknown_keys(child, _items(properties[key]), f"{path}{key}.")
    return found


def _options(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        return _options(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    nested = [option for part in ("anyOf", "allOf", "oneOf") for option in schema.get(part, [])]
    return [schema, *(found for option in nested for found in _options(option))]


def _items(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [option.get("items", option) for option in _options(schema)]}


def test_no_key_is_unknown_to_prefect() -> None:
    document = YAML(typ="safe").load(PREFECT_YAML.read_text(encoding="utf-8"))
    assert unknown_keys({key: document[key] for key in document.keys() - OUR_OWN}, SCHEMA) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "paramters: {}",
        "concurency_limit: 1",
        "schedules: [{cron: '* * * * *', timezon: UTC}]",
        "work_pool: {nam: hubs}",
    ],
)
def test_misspelt_key_is_found(wrong: str) -> None:
    document = {"deployments": [YAML(typ="safe").load(wrong)]}
    assert len(unknown_keys(document, SCHEMA)) == 1


def test_every_kind_of_work_is_deployed_and_nothing_else() -> None:
    assert sorted(ENTRIES) == sorted(f"flows.{name}.{name}" for name in [*KINDS, "take_dispatch"])


@pytest.mark.parametrize("entrypoint", ENTRIES)
def test_entrypoint_is_an_async_flow_named_after_its_file(entrypoint: str) -> None:
    flow: Flow[..., Any] = load_flow_from_entrypoint(entrypoint)
    assert (flow.isasync, flow.name.replace("-", "_")) == (True, entrypoint.rpartition(".")[2])
    assert flow.log_prints is False
    assert not flow.persist_result
    assert re.match(r".+ · .+", flow.description or ""), "a title in both languages"


@pytest.mark.parametrize("entrypoint", ENTRIES)
def test_deployment_runs_in_the_pool_with_one_start_of_python(entrypoint: str) -> None:
    entry = ENTRIES[entrypoint]
    assert entry["name"] == DEPLOYMENT
    assert entry["work_pool"] == {
        "name": POOL,
        "job_variables": {
            "command": "python -m prefect.engine",
            "env": {"PREFECT__FLOW_ENTRYPOINT": entrypoint},
        },
    }


@pytest.mark.parametrize(("entrypoint", "item"), SCHEDULES)
def test_schedule_parses_in_the_network_s_zone_and_by_day(entrypoint: str, item: dict[str, Any]) -> None:
    CronSchedule(cron=item["cron"], timezone=item["timezone"])
    assert (item["timezone"], item["active"], bool(item["slug"])) == ("Asia/Shanghai", True, True)
    _minute, hour, *_, weekday = item["cron"].split()
    assert int(hour) >= 4, "clocks that change jump before four"
    assert not weekday.isdigit(), "days by name: 0 and 1 mean different days to different parsers"


@pytest.mark.parametrize(("entrypoint", "item"), SCHEDULES)
def test_parameters_of_schedule_suit_the_flow(entrypoint: str, item: dict[str, Any]) -> None:
    flow: Flow[..., Any] = load_flow_from_entrypoint(entrypoint)
    flow.validate_parameters({**ENTRIES[entrypoint].get("parameters", {}), **item.get("parameters", {})})


def test_no_flow_has_both_a_schedule_and_a_due_row() -> None:
    asked_by_the_clock = {
        name for question in QUESTIONS for name in question.__code__.co_consts if name in KINDS
    }
    scheduled = {entrypoint.rpartition(".")[2] for entrypoint, _ in SCHEDULES}
    assert len(asked_by_the_clock) == len(QUESTIONS)
    assert asked_by_the_clock & scheduled == set()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_kind_declares_its_door_and_the_parameters_of_its_flow(kind: Any) -> None:
    assert kind.door in Door
    flow = flow_for(kind.name)
    assert sorted(kind.params.model_fields) == sorted(flow.parameters.properties)
    assert sorted(kind.params.model_json_schema().get("required", [])) == sorted(flow.parameters.required)
