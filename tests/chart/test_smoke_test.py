from typing import Any

import pytest

from tests.chart.cases import FLAGS_DIGEST, LOCAL, PARTIAL, PRODUCTION
from tests.chart.rendering import Chart, argument, only

NAME = "alys-node-smoke-test"


def pod(chart: Chart, values: dict[str, Any]) -> dict[str, Any]:
    return only(chart.render(values), "Pod", NAME)


def words(chart: Chart, values: dict[str, Any]) -> list[str]:
    return pod(chart, values)["spec"]["containers"][0]["args"]


def test_it_asks_every_pod_that_has_the_version(chart: Chart) -> None:
    assert argument(words(chart, LOCAL), "--pod") == [
        f"http://alys-node-{ordinal}.alys-node-peers:8080" for ordinal in range(4)
    ]


def test_it_asks_no_pod_that_keeps_the_old_one(chart: Chart) -> None:
    assert argument(words(chart, PARTIAL), "--pod") == ["http://alys-node-3.alys-node-peers:8080"]


def test_at_no_percent_it_asks_the_service_alone(chart: Chart) -> None:
    found = words(chart, {**LOCAL, "rollout": {"percent": 0}})
    assert argument(found, "--pod") == []
    assert argument(found, "--service") == ["http://alys-node:80"]


def test_it_asks_the_service_on_its_own_port(chart: Chart) -> None:
    assert argument(words(chart, PRODUCTION), "--service") == ["http://alys-node:8545"]


def test_it_expects_the_version_and_flags_that_were_deployed(chart: Chart) -> None:
    found = words(chart, LOCAL)
    assert found[0] == "smoke"
    assert argument(found, "--version") == ["v1.0.0"]
    assert argument(found, "--flags-digest") == [FLAGS_DIGEST]


@pytest.mark.parametrize("version", ["1", "1.10", "0x10", "true"])
def test_a_version_that_looks_like_something_else_stays_text(chart: Chart, version: str) -> None:
    values = {**LOCAL, "image": {**LOCAL["image"], "version": version}}
    assert argument(words(chart, values), "--version") == [version]


def test_it_is_tried_once_and_ends_by_itself(chart: Chart) -> None:
    found = pod(chart, LOCAL)["spec"]
    assert found["restartPolicy"] == "Never"
    assert argument(words(chart, LOCAL), "--timeout") == ["30"]
    assert found["activeDeadlineSeconds"] > 30


def test_one_that_hangs_does_not_hold_up_the_next(chart: Chart) -> None:
    assert pod(chart, LOCAL)["spec"]["terminationGracePeriodSeconds"] == 1


def test_its_pod_is_none_of_the_nodes(chart: Chart) -> None:
    """Neither a Service nor whoever lists the release's pods may take it for one."""
    manifests = chart.render(LOCAL)
    labels = pod(chart, LOCAL)["metadata"]["labels"]
    assert "app.kubernetes.io/instance" not in labels
    for service in (m for m in manifests if m["kind"] == "Service"):
        assert not service["spec"]["selector"].items() <= labels.items()


def test_it_can_be_left_out(chart: Chart) -> None:
    manifests = chart.render({**LOCAL, "smokeTest": {"enabled": False}})
    assert NAME not in {m["metadata"]["name"] for m in manifests}
