"""The verbs that only look, on the real engine and cluster: faults 3, 22 and 26."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.cluster
DRIFTED, NO_WAY_BACK, NOT_WELL = 10, 11, 12


def said(workspace, *words, code=0, **variables):
    """What a verb says as JSON, and ends with."""
    done = workspace.driver(*words, "--json", **variables)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def row(workspace):
    (only,) = said(workspace, "status", "local")["stacks"]
    return only


def health(found):
    return {check["name"]: check["health"] for check in found["checks"]}


def test_what_was_released_is_seen_planned_told_and_found_well(workspace):
    """One release, and every verb about it; then a change by hand (fault 26) and what ends it."""
    assert workspace.release("v1.0.0")
    seen = row(workspace)
    assert seen["troubles"] == []
    assert seen["drift"] == [], "nothing that the API fills in is taken for a change by hand"
    assert seen["pods"] == {"v1.0.0": {"pods": 2, "ready": 2}}
    assert seen["running"] == f"v1.0.0@{workspace.digests['v1.0.0']}"
    assert seen["last"]["what"] == "by hand"
    assert seen["last"]["outcome"] == "good"
    assert seen["pinned"] == seen["last_good"]
    assert not seen["at_work"]

    (update,) = said(workspace, "history", "local")["updates"]
    assert (update["from"], update["to"]) == (None, seen["pinned"])

    before = (workspace.folder / "Pulumi.local.yaml").read_bytes()
    planned = said(workspace, "plan", "local", "v2.0.0")
    assert planned["open"], planned["obstacles"]
    assert "version: v1.0.0 -> v2.0.0" in planned["forward"]["pin"]
    assert planned["forward"]["changes"]
    assert "v2.0.0" in planned["forward"]["preview"]
    assert "version: v2.0.0 -> v1.0.0" in planned["way_back"]["pin"]
    assert not planned["way_back"]["changes"], "what runs is what would be come back to"
    assert planned["notes"] == []
    assert (workspace.folder / "Pulumi.local.yaml").read_bytes() == before

    viewing = viewer(workspace)
    seen_by_a_viewer = said(workspace, "plan", "local", "v2.0.0", KUBECONFIG=viewing)
    assert "may not read Helm's records" in seen_by_a_viewer["notes"][0]
    assert seen_by_a_viewer["way_back"]["pin"] == planned["way_back"]["pin"]
    refused = workspace.driver("deploy", "local", "v2.0.0", KUBECONFIG=viewing)
    assert refused.returncode == 3, refused.stderr
    assert "may not read Helm's records; nothing was changed" in refused.stderr

    workspace.kubectl("set", "image", "statefulset/alys-node", f"node={image(workspace, 'v2.0.0')}")
    workspace.kubectl("scale", "statefulset/alys-node", "--replicas", "1")
    drift = "\n".join(row(workspace)["drift"])
    assert "spec.replicas is 1, and Helm made it 2" in drift
    assert "containers[node].image is" in drift
    assert workspace.driver("verify", "local").returncode == DRIFTED

    assert workspace.release("v2.0.0")
    assert row(workspace)["drift"] == [], "the next release ends what was done by hand"
    workspace.helm("rollback", "alys-node")
    drift = "\n".join(row(workspace)["drift"])
    assert f"Helm has deployed v1.0.0@{workspace.digests['v1.0.0'][:19]}" in drift


def image(workspace, version):
    repository = yaml.safe_load((workspace.folder / "Pulumi.local.yaml").read_text())
    return f"{repository['config']['alys:release']['image']}:{version}@{workspace.digests[version]}"


def viewer(workspace) -> str:
    """A kubeconfig of somebody who may read what a preview may: all but Secrets."""
    workspace.kubectl("create", "serviceaccount", "viewer")
    account = f"{workspace.namespace.name}:viewer"
    workspace.kubectl("create", "rolebinding", "viewer", "--clusterrole", "view", "--serviceaccount", account)
    content = json.loads(Path(os.environ["KUBECONFIG"]).read_text())
    content["users"][0]["user"] = {"token": workspace.kubectl("create", "token", "viewer").strip()}
    path = workspace.folder / "viewer.json"
    path.write_text(json.dumps(content))
    return str(path)


def lock(workspace, *, pid, host, age):
    """A lock file as the CLI writes it."""
    folder = workspace.folder / "state/.pulumi/locks/organization/alys/local"
    folder.mkdir(parents=True, exist_ok=True)
    since = (datetime.now(UTC) - age).isoformat().replace("+00:00", "Z")
    held = {"pid": pid, "username": "ada", "hostname": host, "timestamp": since}
    path = folder / f"{pid}.json"
    path.write_text(json.dumps(held))
    return path


def test_a_lock_of_a_live_process_and_one_of_another_host_are_named_and_left_alone(workspace):
    """Fault 3."""
    living = lock(workspace, pid=os.getpid(), host=socket.gethostname(), age=timedelta())
    foreign = lock(workspace, pid=4711, host="runner-1", age=timedelta(minutes=1))
    seen = row(workspace)
    assert seen["at_work"]
    assert {(one["host"], one["process"]) for one in seen["locks"]} == {
        (socket.gethostname(), os.getpid()),
        ("runner-1", 4711),
    }
    assert all(one["seconds"] >= 0 for one in seen["locks"])
    refused = workspace.driver("deploy", "local", "v9.9.9", ALYS_PROMETHEUS="nowhere")
    assert refused.returncode == 6, refused.stdout + refused.stderr
    table = workspace.driver("status", "local").stdout
    assert "a process of another machine (ada@runner-1, process 4711)" in " ".join(table.split())
    assert living.exists()
    assert foreign.exists()


def test_the_doctor_knows_a_lock_that_can_t_be_anybody_s_any_more(workspace):
    lock(workspace, pid=4711, host="runner-1", age=timedelta(days=3))
    found = said(workspace, "doctor", "local", code=NOT_WELL)
    (held,) = [check for check in found["checks"] if check["name"] == "locks"]
    assert held["health"] == "wrong"
    assert "ada@runner-1, process 4711" in held["said"]
    assert "pulumi cancel -s local" in held["remedy"]


def test_a_stack_that_can_t_be_asked_is_a_row_and_the_others_are_shown(workspace):
    there = (workspace.folder / "Pulumi.local.yaml").read_text()
    (workspace.folder / "Pulumi.elsewhere.yaml").write_text(there)
    (workspace.folder / "Pulumi.odd.yaml").write_text("config:\n  alys:release: {}\n")
    rows = {one["stack"]: one for one in said(workspace, "status")["stacks"]}
    assert set(rows) == {"elsewhere", "local", "odd"}
    assert rows["local"]["troubles"] == []
    (trouble,) = rows["elsewhere"]["troubles"]
    assert trouble["what"] == "The backend has no such stack (stack elsewhere)"
    assert "pulumi stack init elsewhere" in trouble["remedy"]
    assert "Pulumi.odd.yaml" in rows["odd"]["troubles"][0]["what"]


def test_the_doctor_looks_at_everything_that_a_release_leans_on(workspace):
    found = said(workspace, "doctor", "local", code=NOT_WELL, ALYS_PROMETHEUS="", ALYS_NOTIFY="nowhere://x")
    healths = health(found)
    for well in ("pulumi", "helm", "kubectl", "stack file", "backend", "state", "locks", "leftovers"):
        assert healths[well] == "ok", found
    assert healths["cluster"] == healths["cluster's clock"] == healths["registry's clock"] == "ok"
    assert healths["registry"] == "ok", "the pinned image is in the local registry"
    assert (healths["prometheus"], healths["channels"]) == ("wrong", "wrong")
    assert all(check["remedy"] for check in found["checks"] if check["health"] == "wrong")


def test_another_cluster_is_told_from_the_one_that_was_released_into(workspace):
    """Fault 22: a namespace of the same name with another uid, as any other cluster's has."""
    assert workspace.release("v1.0.0")
    name = workspace.namespace.name
    before = json.loads(workspace.kubectl("get", "namespace", name, "--output", "json"))["metadata"]["uid"]
    workspace.kubectl("delete", "namespace", name)
    workspace.kubectl("create", "namespace", name)
    seen = row(workspace)
    (trouble,) = seen["troubles"]
    assert "wrong cluster" in trouble["what"]
    assert before in trouble["what"]
    assert (seen["running"], seen["pods"], seen["drift"]) == (None, {}, None)
    assert seen["last_good"], "what the backend knows is told all the same"
    cluster = health(said(workspace, "doctor", "local", code=NOT_WELL))["cluster"]
    assert cluster == "wrong"
