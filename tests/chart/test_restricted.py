"""The check itself: each thing that `restricted` refuses is found in a pod that is otherwise fine."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chart.restricted import violations

FINE: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "c",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
    "volumes": [{"name": "v", "emptyDir": {}}],
}


def test_a_restricted_pod_has_no_violations() -> None:
    assert violations(FINE) == []


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "hostNetwork": lambda pod: pod.update(hostNetwork=True),
    "hostPath": lambda pod: pod["volumes"].append({"name": "h", "hostPath": {"path": "/"}}),
    "sysctls": lambda pod: pod["securityContext"].update(sysctls=[{"name": "a", "value": "b"}]),
    "seccompProfile": lambda pod: pod["securityContext"].pop("seccompProfile"),
    "runAsNonRoot": lambda pod: pod["securityContext"].pop("runAsNonRoot"),
    "runAsUser": lambda pod: pod["securityContext"].update(runAsUser=0),
    "privileged": lambda pod: pod["containers"][0]["securityContext"].update(privileged=True),
    "allowPrivilegeEscalation": lambda pod: pod["containers"][0]["securityContext"].pop(
        "allowPrivilegeEscalation"
    ),
    "drop": lambda pod: pod["containers"][0]["securityContext"].pop("capabilities"),
    "capabilities.add": lambda pod: pod["containers"][0]["securityContext"]["capabilities"].update(
        add=["SYS_ADMIN"]
    ),
    "hostPort": lambda pod: pod["containers"][0].update(ports=[{"containerPort": 1, "hostPort": 1}]),
    "names a host": lambda pod: pod["containers"][0].update(livenessProbe={"httpGet": {"host": "h"}}),
}


@pytest.mark.parametrize("named", BROKEN)
def test_what_is_refused_is_named(named: str) -> None:
    pod = copy.deepcopy(FINE)
    BROKEN[named](pod)
    (violation,) = violations(pod)
    assert named in violation


def test_an_init_container_is_checked_too() -> None:
    pod = {**FINE, "initContainers": [{"name": "i"}]}
    assert any("container i" in violation for violation in violations(pod))
