"""Validates the RO-Crate in a folder with roc-validator and prints the issues.

Arguments: the folder, the profile, the severity. The JSON-LD context is served from the package rocrate: it has that of
1.3, which only adds terms to that of 1.2.
"""

import json
import sys
from pathlib import Path

import requests
import rocrate
from requests.adapters import BaseAdapter
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.utils.http import HttpRequester

CONTEXT = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()


class Context(BaseAdapter):
    """Answers for w3id.org."""

    def send(self, request, **_):
        response = requests.Response()
        response.status_code = 200 if request.url.startswith("https://w3id.org/ro/crate/") and request.url.endswith("/context") else 404
        response._content = CONTEXT
        response.headers["Content-Type"] = "application/ld+json"
        response.url = request.url
        response.request = request
        return response

    def close(self):
        pass


folder, profile, severity = sys.argv[1:]
session = requests.Session()
session.mount("https://", Context())
session.mount("http://", Context())
HttpRequester.get = lambda _, *arguments, **options: session.get(*arguments, **options)
HttpRequester.head = lambda _, *arguments, **options: session.head(*arguments, **options)

settings = ValidationSettings(
    rocrate_uri=folder,
    profile_identifier=profile,
    requirement_severity=Severity[severity],
    enable_profile_inheritance=profile.startswith("ro-crate"),
    no_cache=True,
)
result = services.validate(settings)
print(
    json.dumps(
        {
            "checks": len(result.executed_checks),
            "issues": sorted(f"{one.check.identifier} {one.severity.name}: {one.message}" for one in result.get_issues()),
        }
    )
)
