"""The AWS half of a stack under the recorder, from the sections that a test is about."""

import functools
import json

import pulumi

from components.cloud import CloudSecrets, declare_cloud
from settings import Settings
from tests.recorder import Recording, record
from tests.stacks import Computed

ACCOUNT = {"id": "111111111111", "owner": "platform"}
NETWORK = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b", "us-east-1c"]}
CLUSTER = {"network": NETWORK, "node_groups": {"system": {"instances": ["m7g.large"]}}}
REGISTRY = {"username": "alys-bot"}
STATE = {"bucket": "alys-state-111111111111", "key": "arn:aws:kms:us-east-1:111111111111:key/0000"}
TRUST = {"repository": "alys/alys", "owner_id": 1234567, "repository_id": 987654321}
ACCESS = {"trust": TRUST, "state": STATE}
BACKUPS = {"days": 14}
TOKEN = "a token"
COSTS = {"monthly": 900, "emails": ["platform@alys.example"]}


def declared(*, preview: bool = False, alerts: dict[str, str] | None = None, **sections) -> Recording:
    """What `staging` registers for these sections of its file; asked twice, declared once."""
    return _declared(json.dumps([preview, alerts or {}, sections], sort_keys=True))


@functools.cache
def _declared(wishes: str) -> Recording:
    preview, alerts, sections = json.loads(wishes)
    wanted = Settings.model_validate({"account": ACCOUNT, **sections})

    def program():
        secrets = CloudSecrets(registry_token=pulumi.Output.secret(TOKEN), alerts=alerts)
        declare_cloud("staging", wanted.account, wanted, secrets)

    return record(program, stack="staging", computed=Computed(), preview=preview)


def with_cluster(**changes) -> Recording:
    """A cluster whose section is changed."""
    return declared(cluster={**CLUSTER, **changes})


def statements(registration, key: str = "policy") -> dict[str, dict]:
    """A document's statements by their Sid."""
    return {one["Sid"]: one for one in json.loads(registration.inputs[key])["Statement"]}


def of(recording: Recording, urn: str):
    """The registration with a URN."""
    return next(one for one in recording.registrations if one.urn == urn)
