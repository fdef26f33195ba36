"""Builds every event of standard input with the classes of openlineage-python and prints what they serialise to."""

import importlib
import json
import pkgutil
import sys

import attr
from openlineage.client import generated
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated.base import DatasetFacet, InputDatasetFacet, OutputDatasetFacet, RunFacet
from openlineage.client.serde import Serde

modules = [importlib.import_module(f"{generated.__name__}.{one.name}") for one in pkgutil.iter_modules(generated.__path__)]
classes = {
    value._get_schema(): value
    for module in modules
    for value in vars(module).values()
    if isinstance(value, type) and attr.has(value) and hasattr(value, "_get_schema")
}


def facet(values):
    """One of the classes generated from the facet's own schema, which refuses a member that the schema does not have."""
    members = {key: value for key, value in values.items() if key not in ("_producer", "_schemaURL")}
    made = classes[values["_schemaURL"]]
    if made in (DatasetFacet, InputDatasetFacet, OutputDatasetFacet, RunFacet):
        return made(producer=values["_producer"]).with_additional_properties(**members)
    return made(producer=values["_producer"], **members)


def facets(values):
    return {name: facet(value) for name, value in values.items()}


def dataset(made, values):
    known = {key: facets(value) if key.endswith("acets") else value for key, value in values.items()}
    return made(**known)


def event(values):
    run, job = values["run"], values["job"]
    assert values["schemaURL"] == RunEvent._get_schema()
    return RunEvent(
        eventTime=values["eventTime"],
        producer=values["producer"],
        eventType=RunState(values["eventType"]),
        run=Run(runId=run["runId"], facets=facets(run["facets"])),
        job=Job(namespace=job["namespace"], name=job["name"], facets=facets(job["facets"])),
        inputs=[dataset(InputDataset, one) for one in values["inputs"]],
        outputs=[dataset(OutputDataset, one) for one in values["outputs"]],
    )


print(json.dumps([Serde.to_dict(event(json.loads(line))) for line in sys.stdin]))
