"""What a stack file with one wrong value is answered with."""

import copy
import json

import pytest
from pulumi.runtime import set_all_config

import configuration
import settings
from sections.mistakes import UnusableError
from tests.cloud import ACCESS, ACCOUNT, BACKUPS, CLUSTER, COSTS, REGISTRY

WHOLE = {
    "version": "v1.0.0",
    "digest": "sha256:" + "0" * 64,
    "account": ACCOUNT,
    "cluster": CLUSTER,
    "registry": REGISTRY,
    "access": ACCESS,
    "costs": COSTS,
    "backups": BACKUPS,
    "release": {"image": "ghcr.io/alys/node"},
}


def changed(path: str, value) -> dict:
    """The whole file with another value at a path such as `cluster.network.cidr`; None takes the key out."""
    keys = copy.deepcopy(WHOLE)
    *parents, last = path.split(".")
    owner = keys
    for key in parents:
        owner = owner.setdefault(key, {})
    if value is None:
        del owner[last]
    else:
        owner[last] = value
    return keys


def read(keys: dict) -> settings.Settings:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
    set_all_config({f"alys:{key}": text for key, text in texts.items()})
    try:
        return configuration.read("staging")
    finally:
        set_all_config({}, [])


def refusal(path: str, value) -> str:
    """The whole message."""
    with pytest.raises(UnusableError) as refused:
        read(changed(path, value))
    return str(refused.value)
