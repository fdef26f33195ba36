"""Reads PROV-JSON from standard input with the package prov and prints its records, as it understood them."""

import json
import sys

from prov.model import ProvDocument, ProvRelation

document = ProvDocument.deserialize(content=sys.stdin.read(), format="json")
document.get_provn()  # every name has a namespace, every value a form
again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
assert again == document


def ends(record):
    return [str(value) for _, value in record.formal_attributes if value is not None][:2]


print(
    json.dumps(
        {
            "elements": {
                kind: sorted(str(one.label) for one in document.get_records() if one.get_type().localpart == kind)
                for kind in ("Entity", "Activity", "Agent")
            },
            "relations": sorted(
                [one.get_type().localpart, *ends(one)]
                for one in document.get_records(ProvRelation)
            ),
        }
    )
)
