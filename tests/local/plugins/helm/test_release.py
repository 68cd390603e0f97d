import json
import subprocess
import sys
import threading
import time

import grpc
import pytest

from local.plugins.values import UNKNOWN, Secret, decode
from tests.local.plugins.serving import init_failed

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("helm_on_path")]

RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture
def helm_in(kubeconfig, namespace, helm_on_path):
    """`helm` in the test's namespace, as somebody would use it by hand."""

    def run(*arguments):
        command = ["helm", "--kubeconfig", kubeconfig, "--namespace", namespace, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return run


@pytest.fixture
def installed(kubernetes, release, helm_on_path):
    """A release of text `one`, with its id, state and inputs."""
    inputs, _ = kubernetes.check(RELEASE, "r", release())
    id_, state = kubernetes.create(RELEASE, "r", inputs)
    return id_, state, inputs


# An upgrade in a process of its own, which is then killed.
UPGRADE = """
import json, sys
from local.plugins.kubernetes import Kubernetes
from tests.local.plugins.serving import served
config, id_, inputs = json.loads(sys.stdin.read())
with served(Kubernetes) as plugin:
    plugin.configure(kubeconfig=config)
    plugin.update("kubernetes:helm.sh/v3:Release", "r", id_, inputs, inputs, inputs)
"""


@pytest.fixture
def killed_upgrade(kubeconfig, installed, release, helm_in):
    """A plugin that was killed while helm waited for a hook of 100 seconds."""
    inputs = release(text="two", seconds=100)
    inputs["values"]["secret"] = "hush"
    with subprocess.Popen([sys.executable, "-c", UPGRADE], stdin=subprocess.PIPE, text=True) as plugin:
        plugin.stdin.write(json.dumps([kubeconfig, installed[0], inputs]))
        plugin.stdin.close()
        begun(helm_in)
        plugin.kill()


def begun(helm_in):
    """Returns when helm is in the middle of an upgrade."""
    while "pending-upgrade" not in helm_in("history", "tiny"):
        time.sleep(0.2)


def text(kubectl_in):
    return kubectl_in("get", "configmap", "tiny", "--output=jsonpath={.data.text}")


def upgrade(kubernetes, installed, inputs):
    id_, state, old = installed
    return kubernetes.update(RELEASE, "r", id_, state, old, inputs)


def failure(kubernetes, installed, inputs):
    with pytest.raises(grpc.RpcError) as caught:
        upgrade(kubernetes, installed, inputs)
    return caught.value


def test_what_is_left_out_is_filled_in(kubernetes, release):
    given = release()
    inputs, failures = kubernetes.check(RELEASE, "my-release", {"chart": given["chart"]})
    assert failures == {}
    assert inputs["name"].startswith("my-release-")
    assert inputs["namespace"]
    assert inputs["version"] == "0.1.0"
    assert inputs["timeout"] == 300


def test_a_made_up_name_is_kept(kubernetes, release):
    given = {"chart": release()["chart"]}
    inputs, _ = kubernetes.check(RELEASE, "my-release", given)
    again, _ = kubernetes.check(RELEASE, "my-release", given, olds=inputs)
    assert again["name"] == inputs["name"]


def test_an_installed_release_says_what_it_is(installed, namespace):
    id_, state, _ = installed
    assert id_ == f"{namespace}/tiny"
    assert state["status"] == {
        "name": "tiny",
        "namespace": namespace,
        "revision": 1,
        "status": "deployed",
        "chart": "tiny",
        "version": "0.1.0",
        "appVersion": "1",
    }
    assert state["resourceNames"] == {"ConfigMap/v1": ["tiny"]}
    assert state["values"]["secret"] == Secret("hush")


def test_an_upgrade_changes_what_runs(kubernetes, installed, release, kubectl_in):
    state = upgrade(kubernetes, installed, release(text="two"))
    assert state["status"]["revision"] == 2
    assert text(kubectl_in) == "two"


def test_another_name_or_namespace_is_another_release(kubernetes, installed):
    id_, _, inputs = installed
    answer = kubernetes.diff(RELEASE, "r", id_, inputs, inputs | {"name": "other", "timeout": 5})
    assert list(answer.replaces) == ["name"]
    assert sorted(answer.diffs) == ["name", "timeout"]


def test_a_failed_upgrade_is_put_back_kept_and_explained(kubernetes, installed, release, kubectl_in):
    error = failure(kubernetes, installed, release(text="two", code=3))
    kept = init_failed(error)
    reason = kept.reasons[0]
    assert kept.id == installed[0]
    assert f"Helm release '{installed[0]}' failed to upgrade" in reason
    assert "rolled back due to atomic" in reason
    assert "BackoffLimitExceeded" in reason
    assert "\n" not in reason
    assert decode(kept.properties)["values"]["text"] == "two"
    assert decode(kept.properties)["status"]["status"] == "deployed"
    assert text(kubectl_in) == "one"


def test_going_back_after_a_failure_is_an_ordinary_upgrade(kubernetes, installed, release, kubectl_in):
    failure(kubernetes, installed, release(text="two", code=3))
    state = upgrade(kubernetes, installed, release())
    assert state["status"]["status"] == "deployed"
    assert text(kubectl_in) == "one"


def test_a_failed_first_install_leaves_nothing(kubernetes, release, helm_in):
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(RELEASE, "r", release(code=3))
    assert "uninstalled due to atomic" in caught.value.details()
    assert "grpc-status-details-bin" not in dict(caught.value.trailing_metadata())
    assert helm_in("list", "--all", "--short") == ""


def test_a_failed_first_install_without_atomic_is_kept(kubernetes, release, helm_in):
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.create(RELEASE, "r", release(code=3, atomic=False))
    kept = decode(init_failed(caught.value).properties)
    assert kept["status"]["status"] == "failed"
    assert helm_in("list", "--all", "--short") == "tiny\n"


def test_an_interrupted_upgrade_is_put_back(kubernetes, installed, release, kubectl_in, helm_in):
    def interrupt():
        begun(helm_in)
        kubernetes.cancel()

    threading.Thread(target=interrupt).start()
    error = failure(kubernetes, installed, release(text="two", seconds=100))
    assert "was cancelled" in init_failed(error).reasons[0]
    assert text(kubectl_in) == "one"


def test_nothing_begins_after_an_interrupt(kubernetes, release, helm_in):
    kubernetes.cancel()
    with pytest.raises(grpc.RpcError, match="cancelled before it began"):
        kubernetes.create(RELEASE, "r", release())
    assert helm_in("list", "--all", "--short") == ""


@pytest.mark.usefixtures("killed_upgrade")
def test_an_upgrade_that_could_not_begin_changes_nothing_in_the_state(kubernetes, installed, release):
    """Helm's own lock, as a killed upgrade leaves it."""
    error = failure(kubernetes, installed, release(text="three"))
    assert "another operation (install/upgrade/rollback) is in progress" in error.details()
    assert "grpc-status-details-bin" not in dict(error.trailing_metadata())


@pytest.mark.usefixtures("killed_upgrade")
def test_a_pending_upgrade_is_seen_by_a_refresh(kubernetes, installed):
    id_, state, inputs = installed
    with pytest.raises(grpc.RpcError) as caught:
        kubernetes.read(RELEASE, "r", id_, state, inputs)
    assert "pending-upgrade" in init_failed(caught.value).reasons[0]


@pytest.mark.usefixtures("killed_upgrade")
def test_a_killed_plugin_takes_helm_along(release):
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert f"helm upgrade tiny {release()['chart']}" not in listed


def test_a_preview_tells_a_value_that_the_chart_refuses(kubernetes, release):
    with pytest.raises(grpc.RpcError, match="code"):
        kubernetes.create(RELEASE, "r", release(code=100), preview=True)


def test_a_preview_makes_nothing(kubernetes, release, helm_in):
    _, outputs = kubernetes.create(RELEASE, "r", release(), preview=True)
    assert outputs["status"] is UNKNOWN
    assert helm_in("list", "--all", "--short") == ""


def test_a_preview_of_an_upgrade_sees_nothing_wrong_with_what_runs(kubernetes, installed):
    id_, state, inputs = installed
    assert (
        kubernetes.update(RELEASE, "r", id_, state, inputs, inputs, preview=True)["values"]
        == inputs["values"]
    )


def test_a_refresh_of_what_nobody_changed_changes_nothing(kubernetes, installed):
    id_, state, inputs = installed
    assert kubernetes.read(RELEASE, "r", id_, state, inputs) == (id_, inputs, state)


def test_values_changed_by_hand_are_seen(kubernetes, installed, release, helm_in):
    id_, state, inputs = installed
    helm_in("upgrade", "tiny", release()["chart"], "--reuse-values", "--set", "text=by-hand")
    _, live, outputs = kubernetes.read(RELEASE, "r", id_, state, inputs)
    assert live["values"]["text"] == "by-hand"
    assert live["values"]["secret"] == Secret("hush")
    assert outputs["status"]["revision"] == 2


def test_a_release_that_somebody_uninstalled_is_gone(kubernetes, installed, helm_in):
    id_, state, inputs = installed
    helm_in("uninstall", "tiny", "--wait")
    assert kubernetes.read(RELEASE, "r", id_, state, inputs)[0] == ""


def test_a_deleted_release_is_uninstalled(kubernetes, installed, helm_in, kubectl_in):
    id_, state, inputs = installed
    kubernetes.delete(RELEASE, "r", id_, state, inputs)
    assert helm_in("list", "--all", "--short") == ""
    assert "tiny" not in kubectl_in("get", "configmaps", "--output=name")


def test_deleting_what_is_gone_is_fine(kubernetes, installed):
    id_, state, inputs = installed
    kubernetes.delete(RELEASE, "r", id_, state, inputs)
    kubernetes.delete(RELEASE, "r", id_, state, inputs)
