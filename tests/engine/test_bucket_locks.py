"""The locks of a stack whose state is in S3: the real CLI writes them, and moto stands in for the service."""

import json
import signal
import socket
import subprocess

import pytest
import yaml

from tests.engine.conftest import end
from tests.engine.test_faults import until
from tests.release.locking.test_locks import CLI
from tests.s3 import REGION

pytestmark = pytest.mark.cluster
FOLDER = "team/.pulumi/locks/organization/alys/local/"


@pytest.fixture
def in_bucket(workspace, s3, monkeypatch):
    """A workspace whose state is below a path in the bucket, and whose updates take their time."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", s3.backend("/team"))
    content = yaml.safe_load(workspace.stack.config_file.read_text())
    content["config"]["alys:release"]["timing"]["update"] = 240
    workspace.stack.config_file.write_text(yaml.safe_dump(content, sort_keys=False))
    made = subprocess.run(["pulumi", "stack", "init", "local"], check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return workspace


def row(workspace):
    done = workspace.driver("status", "local", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    (only,) = json.loads(done.stdout)["stacks"]
    assert only["troubles"] == []
    return only


def revisions(workspace):
    return [
        (one["revision"], one["status"])
        for one in json.loads(workspace.helm("history", "alys-node", "-o", "json"))
    ]


def test_an_update_of_another_machine_is_seen_and_left_alone(in_bucket, s3):
    """Fault 3: before the locks were seen, Helm went back under the update that was at work."""
    assert in_bucket.release("v1.0.0")
    assert row(in_bucket)["locks"] == []
    in_bucket.stack.pin({"version": "v3.0.0", "digest": in_bucket.digests["v3.0.0"]})
    update = in_bucket.start_update()
    until(lambda: [status for _, status in revisions(in_bucket)][-1] == "pending-upgrade")
    began = revisions(in_bucket)

    (held,) = row(in_bucket)["locks"]
    assert (held["host"], held["process"]) == (socket.gethostname(), update.pid)
    assert held["owner"] == "a process of this machine that still runs"
    refused = in_bucket.driver("deploy", "local", "v2.0.0")
    assert (refused.returncode, f"process {update.pid}" in refused.stderr) == (6, True), refused.stderr

    (key,) = s3.below(FOLDER)
    content = json.loads(s3.client("s3").get_object(Bucket=s3.bucket, Key=key)["Body"].read())
    s3.put(key, json.dumps(content | {"hostname": "runner-1"}).encode())
    assert row(in_bucket)["locks"][0]["owner"] == "a process of another machine"
    for words in (("deploy", "local", "v2.0.0"), ("rollback", "local", "--emergency")):
        refused = in_bucket.driver(*words)
        assert refused.returncode == 6, refused.stdout + refused.stderr
        assert f"@runner-1, process {update.pid}" in refused.stderr
        assert f"aws s3 cp 's3://{s3.bucket}/{key}' -" in refused.stderr
    assert (update.poll(), revisions(in_bucket)) == (None, began), "nobody has touched what it is at"

    update.send_signal(signal.SIGINT)
    update.communicate(timeout=90)
    assert row(in_bucket)["locks"] == []


def test_the_parameters_of_both_sdks_lead_to_the_same_locks(in_bucket, s3, monkeypatch):
    s3.put(f"{FOLDER}1.json", CLI)
    seen = row(in_bucket)["locks"]
    assert [(one["host"], one["process"]) for one in seen] == [("vm", 7139)]
    now = {"endpoint": f"http://{s3.address}", "disable_https": "true", "use_path_style": "true"}
    monkeypatch.setenv("PULUMI_BACKEND_URL", s3.backend("/team", region=REGION, **now))
    assert [one["process"] for one in row(in_bucket)["locks"]] == [7139]


def test_the_lock_of_a_killed_update_is_found_and_removed(in_bucket, s3):
    """Fault 1."""
    assert in_bucket.release("v1.0.0")
    in_bucket.stack.pin({"version": "v3.0.0", "digest": in_bucket.digests["v3.0.0"]})
    update = in_bucket.start_update()
    until(lambda: [status for _, status in revisions(in_bucket)][-1] == "pending-upgrade")
    end(update, signal.SIGKILL)
    update.communicate()
    assert [one["owner"] for one in row(in_bucket)["locks"]] == ["a process of this machine that has ended"]
    mended = in_bucket.driver("deploy", "local", "v2.0.0")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "removed the lock: its owner has ended" in mended.stdout
    assert s3.below(FOLDER) == []
