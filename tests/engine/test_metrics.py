"""The gates of this repository, asked of the Prometheus that scrapes the real pods of a deployed node."""

import os
from pathlib import Path

import httpx
import pytest

from local import node_image
from release import gates, gates_file
from release.gates import Scope, Verdict
from release.outside.prometheus import Prometheus
from tests.local.cluster.kube import eventually

pytestmark = pytest.mark.cluster

GATES = gates_file.read(Path(__file__).parents[2] / "migration" / "gates.toml").of("release")
WINDOW_SECONDS = 30
# More than a gate asks for, of two pods.
SCRAPES = 14


@pytest.fixture
def prometheus():
    with httpx.Client(base_url=os.environ["ALYS_PROMETHEUS"]) as http:
        yield Prometheus(http=http)


@pytest.fixture
def found(workspace, prometheus):
    """Deploys a version of the node, waits until it was scraped, and asks every gate about it."""

    def _found(version: str, fault: str | None):
        digest = node_image.push(version, fault)
        workspace.stack.pin({"version": version, "digest": digest})
        assert workspace.stack.up()
        scraped = f'sum(sum_over_time(up{{namespace="{workspace.namespace.name}"}}[{WINDOW_SECONDS}s]))'
        eventually(lambda: _one(prometheus.ask(scraped)) >= SCRAPES)
        scope = Scope(namespace=workspace.namespace.name, version=version, window_seconds=WINDOW_SECONDS)
        return {finding.gate: finding for finding in gates.check(GATES, scope, ask=prometheus.ask)}

    return _found


def _one(answer):
    assert isinstance(answer, tuple), answer
    return sum(answer)


def verdicts(found):
    return {name: finding.verdict for name, finding in found.items()}


def test_a_healthy_node_passes_every_gate_and_each_pod_has_series_of_its_own(found, workspace):
    answered = found("v1.0.0", None)
    assert verdicts(answered) == dict.fromkeys(GATES, Verdict.PASS), answered
    query = f'alys_sync_blocks_per_second{{namespace="{workspace.namespace.name}"}}'
    answer = httpx.get(f"{os.environ['ALYS_PROMETHEUS']}/api/v1/query", params={"query": query}).json()
    series = [one["metric"] for one in answer["data"]["result"]]
    assert sorted((one["pod"], one["version"]) for one in series) == [
        ("alys-node-0", "v1.0.0"),
        ("alys-node-1", "v1.0.0"),
    ]


def test_a_node_that_starts_well_and_then_serves_errors_fails_that_gate_alone(found):
    answered = found("v4.0.0-serve-errors", "serve-errors")
    expected = dict.fromkeys(GATES, Verdict.PASS) | {"error-rate": Verdict.FAIL}
    assert verdicts(answered) == expected, answered


def test_a_node_without_metrics_is_scraped_and_gives_no_data(found):
    answered = found("v5.0.0-no-metrics", "no-metrics")
    assert verdicts(answered) == dict.fromkeys(GATES, Verdict.NO_DATA), answered
