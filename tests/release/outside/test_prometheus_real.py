"""The gates of this repository against a real Prometheus that scrapes two versions of the node."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from local import debian
from release import gates, gates_file
from release.gates import QueryFailure, Scope, Verdict
from release.outside.prometheus import Prometheus
from tests.release.receiver import Reply, receiving

OURS = gates_file.read(Path(__file__).parents[3] / "migration" / "gates.toml")
HOSTILE = 'a"b\\c\nd{e}$f'
BEGAN = time.monotonic()


def node(version, *, errors):
    """The series that the node shows; its errors rise by so many a second."""
    label = json.dumps(version)
    raised = errors * (time.monotonic() - BEGAN)
    return "\n".join(
        [
            f"alys_migration_errors_total{{version={label}}} {raised}",
            f"alys_migration_rollbacks_total{{version={label}}} 0",
            f"alys_actor_restarts_total{{version={label}}} 0",
            f"alys_sync_blocks_per_second{{version={label}}} 175",
            "",
        ]
    )


@pytest.fixture(scope="module")
def targets():
    """What two pods in namespace `alys` say, and one that says nothing of itself."""
    with receiving() as healthy, receiving() as failing, receiving() as silent:
        healthy.answer = lambda _: Reply(body=(node("v1", errors=0) + node(HOSTILE, errors=0)).encode())
        failing.answer = lambda _: Reply(body=node("v2", errors=3).encode())
        silent.answer = lambda _: Reply(body=b"up_and_about 1\n")
        yield [target.address.removeprefix("http://") for target in (healthy, failing, silent)]


@pytest.fixture(scope="module")
def prometheus(targets, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    scrape = {
        "job_name": "node",
        "scrape_interval": "500ms",
        "static_configs": [{"targets": targets, "labels": {"namespace": "alys"}}],
    }
    (folder / "prometheus.yml").write_text(json.dumps({"scrape_configs": [scrape]}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = debian.ensure()
    argv = [str(root / "usr/bin/prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*argv, f"--web.listen-address=127.0.0.1:{port}"],
            cwd=folder,
            env=os.environ | debian.environment(root),
            stdout=log,
            stderr=log,
        )
    # From here, not from the import: a whole run takes longer than that to come to this file.
    deadline = time.monotonic() + 120
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            asked = Prometheus(http=http)
            while samples(asked, "v2") < 5:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.2)
            yield asked
    finally:
        process.kill()
        process.wait()


def samples(prometheus, version):
    answer = prometheus.ask(f'sum(count_over_time(alys_migration_errors_total{{version="{version}"}}[1m]))')
    return answer[0] if isinstance(answer, tuple) and answer else 0


def found(prometheus, version, *, phase="release", namespace="alys"):
    scope = Scope(namespace=namespace, version=version, window_seconds=30)
    few = {
        name: gate.model_copy(update={"min_samples": 3, "fresh_seconds": 30})
        for name, gate in OURS.of(phase).items()
    }
    return {finding.gate: finding for finding in gates.check(few, scope, ask=prometheus.ask)}


def test_a_healthy_version_passes_every_gate_though_another_one_fails(prometheus):
    findings = found(prometheus, "v1")
    assert {name: finding.verdict for name, finding in findings.items()} == dict.fromkeys(
        ["error-rate", "rollbacks", "actor-restarts", "sync-pace"], Verdict.PASS
    )
    assert findings["sync-pace"].value == 175


def test_errors_fail_their_gate_and_no_other(prometheus):
    findings = found(prometheus, "v2")
    assert findings["error-rate"].verdict is Verdict.FAIL
    assert findings["error-rate"].value > OURS.gates["error-rate"].max
    assert {finding.verdict for name, finding in findings.items() if name != "error-rate"} == {Verdict.PASS}


@pytest.mark.parametrize("scope", [{"version": "v3"}, {"version": "v1", "namespace": "other"}])
def test_a_version_without_metrics_is_no_data(prometheus, scope):
    """A node whose metrics are missing, or that runs elsewhere, is never taken for a healthy one."""
    assert {finding.verdict for finding in found(prometheus, **scope).values()} == {Verdict.NO_DATA}


def test_a_name_with_every_odd_character_is_found_and_nothing_else(prometheus):
    assert gates.overall(found(prometheus, HOSTILE).values()) is Verdict.PASS


@pytest.mark.parametrize("version", ['v1"} or up{a="', "v1\\", 'v1",version=~".*', "\x00\x01"])
def test_a_name_that_tries_to_be_a_query_finds_nothing(prometheus, version):
    assert gates.overall(found(prometheus, version).values()) is Verdict.NO_DATA


def test_every_series_of_a_query_is_told(prometheus):
    answer = prometheus.ask('{__name__=~"alys_.*",version="v1"}')
    assert isinstance(answer, tuple)
    assert len(answer) == 4


@pytest.mark.parametrize(
    ("query", "says"),
    [("sum(", "bad_data"), ("1", "gave a scalar"), ("alys_sync_blocks_per_second[1m]", "gave a matrix")],
)
def test_a_query_that_gives_no_vector_is_a_failure(prometheus, query, says):
    answer = prometheus.ask(query)
    assert isinstance(answer, QueryFailure)
    assert says in answer.reason
