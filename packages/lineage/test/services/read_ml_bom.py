"""Validates a bill of materials from standard input with CycloneDX's own validator and reads it with its own model."""

import json
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

text = sys.stdin.read()
problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
bom = Bom.from_json(json.loads(text)) if problem is None else None
if bom is not None:
    bom.validate()  # every reference of a dependency is there
print(
    json.dumps(
        {
            "problem": None if problem is None else str(problem)[:2000],
            "serial_number": bom and bom.serial_number.urn,
            "components": bom and sorted([one.type.value, one.name, one.version] for one in bom.components),
            "dependencies": bom
            and {str(one.ref): sorted(str(other.ref) for other in one.dependencies) for one in bom.dependencies},
        }
    )
)
