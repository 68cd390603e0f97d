"""Whole updates by the real engine of objects and releases on the real cluster."""

import json
import os
import signal
import subprocess
import time

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("helm_on_path")]

PROGRAM = """
import json, pulumi_kubernetes as kubernetes
config = pulumi.Config()
cluster = kubernetes.Provider("cluster", kubeconfig=config.require("kubeconfig"), cluster_identifier="test")
options = pulumi.ResourceOptions(provider=cluster)
place = {"namespace": config.require("namespace")}
flags = kubernetes.core.v1.ConfigMap("flags", metadata=place, data={"a": config.get("flag") or "1"},
                                     immutable=True, opts=options)
values = json.loads(config.require("values")) | {"secret": config.require_secret("secret")}
release = kubernetes.helm.v3.Release("tiny", name="tiny", chart=config.require("chart"), atomic=True,
                                     timeout=60, values=values, opts=options, **place)
pulumi.export("flags", flags.metadata.name)
pulumi.export("revision", release.status.revision)
"""


@pytest.fixture
def deployed(stack, kubeconfig, namespace, release, chart):
    """A stack with a ConfigMap and a release, and how to change the release's values."""
    stack.write(PROGRAM)
    stack.configure(kubeconfig=kubeconfig, namespace=namespace, chart=str(chart))
    stack.succeed("config", "set", "--secret", "secret", "hush")

    def pin(**changes):
        values = release(**changes)["values"] | {"secret": ""}
        stack.configure(values=json.dumps(values))

    pin()
    stack.succeed("up", "--yes", "--skip-preview")
    return stack, pin


def text(kubectl_in):
    return kubectl_in("get", "configmap", "tiny", "--output=jsonpath={.data.text}")


def test_a_stack_is_previewed_changed_and_destroyed(deployed, kubectl_in):
    """What differs is shown and nothing else, unchanged is unchanged, and in the end nothing is left."""
    stack, pin = deployed
    assert "4 unchanged" in stack.succeed("refresh", "--yes")

    pin(text="two")
    shown = stack.succeed("preview", "--diff")
    assert '"one" => "two"' in shown
    assert "1 to update" in shown
    assert "3 unchanged" in shown
    assert "hush" not in shown

    before = stack.outputs()["flags"]
    stack.succeed("config", "set", "flag", "2")
    shown = stack.succeed("up", "--yes", "--skip-preview")
    assert "1 replaced" in shown
    assert "1 updated" in shown
    assert text(kubectl_in) == "two"
    assert stack.outputs()["flags"] != before
    assert "4 unchanged" in stack.succeed("preview")

    stack.succeed("destroy", "--yes")
    assert kubectl_in("get", "configmaps,secrets", "--output=name").split() == ["configmap/kube-root-ca.crt"]
    assert stack.resources() == {}


def test_a_failed_update_is_tried_again_although_nothing_differs(deployed, kubectl_in):
    stack, pin = deployed
    pin(text="two", code=3)
    failed = stack.up()
    assert failed.returncode != 0
    assert "failed to upgrade" in failed.stdout
    assert "BackoffLimitExceeded" in failed.stdout
    assert text(kubectl_in) == "one"

    pin()
    assert "1 updated" in stack.succeed("up", "--yes", "--skip-preview")
    assert stack.outputs()["revision"] == 4
    assert "initErrors" not in stack.resources()["tiny"]


def test_a_failed_first_install_is_not_in_the_state(stack, kubeconfig, namespace, release, chart):
    stack.write(PROGRAM)
    values = release(code=3)["values"] | {"secret": ""}
    stack.configure(kubeconfig=kubeconfig, namespace=namespace, chart=str(chart), values=json.dumps(values))
    stack.succeed("config", "set", "--secret", "secret", "hush")
    assert stack.up().returncode != 0
    assert list(stack.resources()) == ["flags"]


def begin(stack, helm_ready):
    """Begin an update; return it once helm waits for the release's hook."""
    update = stack.start()
    for line in update.stdout:
        if helm_ready in line:
            return update
    raise AssertionError(update.wait())


def pending(kubectl_in):
    """Wait until helm has written down that it upgrades."""
    while "pending-upgrade" not in kubectl_in("get", "secrets", "--selector=owner=helm", "--show-labels"):
        time.sleep(0.1)


def test_an_interrupt_puts_the_old_values_back(deployed, kubectl_in):
    stack, pin = deployed
    pin(text="two", seconds=100)
    update = begin(stack, "waiting for helm")
    pending(kubectl_in)
    os.kill(update.pid, signal.SIGINT)
    shown, _ = update.communicate()
    assert update.returncode != 0
    assert "was cancelled" in shown
    assert text(kubectl_in) == "one"


def test_a_killed_engine_leaves_no_process_behind(deployed, kubectl_in):
    stack, pin = deployed
    pin(text="two", seconds=100)
    update = begin(stack, "waiting for helm")
    pending(kubectl_in)
    os.kill(update.pid, signal.SIGKILL)
    # The pipe ends when the last process that holds it has ended.
    update.communicate()
    mine = str(stack.folder.parent)
    processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert [line for line in processes.splitlines() if mine in line and "helm upgrade" in line] == []

    refused = stack.up()
    assert "the stack is currently locked" in refused.stdout + refused.stderr
    stack.succeed("cancel", "--yes")
    assert "another operation (install/upgrade/rollback) is in progress" in stack.up().stdout
