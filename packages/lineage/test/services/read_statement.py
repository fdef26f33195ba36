"""Reads a statement from standard input with in-toto's own messages, which refuse a member that the standard does not have."""

import json
import sys

from google.protobuf.json_format import MessageToDict, Parse, ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as Message

message = Parse(sys.stdin.read(), Message())
Statement.copy_from_pb(message).validate()
provenance = ParseDict(MessageToDict(message.predicate), Provenance())
print(
    json.dumps(
        {
            "type": message.type,
            "predicate_type": message.predicate_type,
            "subject": [[one.name, one.digest["sha256"]] for one in message.subject],
            "predicate": MessageToDict(provenance),
        }
    )
)
