import json

import pytest

from local.cluster import targets
from local.cluster.targets import group, wants_scraping

ASKS = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}


def pod(name="alys-node-0", *, annotations=ASKS, ports=(), **status) -> dict:
    return {
        "metadata": {"name": name, "namespace": "n", "annotations": annotations},
        "spec": {"containers": [{"name": "node", "ports": [{"containerPort": port} for port in ports]}]},
        "status": {"phase": "Running", "podIP": "10.244.0.9"} | status,
    }


def test_a_pod_that_asks_for_it_is_scraped_under_its_own_name():
    assert wants_scraping(pod())
    assert group(pod()) == {
        "targets": ["10.244.0.9:8080"],
        "labels": {
            "namespace": "n",
            "pod": "alys-node-0",
            "__scheme__": "http",
            "__metrics_path__": "/metrics",
        },
    }


@pytest.mark.parametrize(
    "other",
    [
        pod(annotations={}),
        pod(annotations=ASKS | {"prometheus.io/scrape": "false"}),
        pod(podIP=""),
        pod(phase="Succeeded"),
        pod(phase="Failed"),
    ],
    ids=["asks for nothing", "asks not to be", "has no address yet", "has ended", "has failed"],
)
def test_any_other_pod_is_not(other):
    assert not wants_scraping(other)


def test_a_pod_without_annotations_at_all_is_not():
    bare = pod()
    del bare["metadata"]["annotations"]
    assert not wants_scraping(bare)


def test_path_and_scheme_are_the_pods_own():
    labels = group(pod(annotations=ASKS | {"prometheus.io/path": "/m", "prometheus.io/scheme": "https"}))[
        "labels"
    ]
    assert (labels["__metrics_path__"], labels["__scheme__"]) == ("/m", "https")


def test_a_pod_that_names_no_port_is_asked_at_those_it_declares():
    asks = {"prometheus.io/scrape": "true"}
    assert group(pod(annotations=asks, ports=(80, 9000)))["targets"] == ["10.244.0.9:80", "10.244.0.9:9000"]


class FakeApi:
    """An API server with these pods; a fake."""

    def __init__(self, *pods):
        self.pods = list(pods)

    def get(self, path):
        assert path == targets.PODS
        return {"metadata": {"resourceVersion": "7"}, "items": self.pods}


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(targets, "FILE", tmp_path / "targets" / "pods.json")
    return targets.FILE


def test_only_pods_that_ask_are_written_down(file):
    assert targets.settle(FakeApi(pod("one"), pod("two", annotations={}))) == "7"
    assert [one["labels"]["pod"] for one in json.loads(file.read_text())] == ["one"]


def test_a_pod_that_went_is_taken_off_the_list(file):
    api = FakeApi(pod("one"))
    targets.settle(api)
    api.pods.clear()
    targets.settle(api)
    assert json.loads(file.read_text()) == []


def test_a_list_that_did_not_change_is_not_written_again(file):
    """Prometheus would read it anew each time."""
    targets.settle(FakeApi(pod("one")))
    before = file.stat().st_ino
    targets.settle(FakeApi(pod("one")))
    assert file.stat().st_ino == before
    targets.settle(FakeApi(pod("two")))
    assert file.stat().st_ino != before
