"""The time after a step: what ends it, and with which verdict."""

from io import StringIO

import pytest

from release import soak as soaks
from release.evidence import Evidence
from release.gates_file import Gate
from release.signals import Signals
from release.soak import Soak
from release.telling.redaction import Redactor
from release.telling.screen import Screen
from tests.release.test_delivery import answering
from tests.release.world import FakeCluster, World

GATE = Gate(says="errors", series="errors", query="sum($series)", max=0.01, min_samples=1)


@pytest.fixture
def cluster(tmp_path):
    return FakeCluster(World(folder=tmp_path))


@pytest.fixture
def soak(cluster, tmp_path):
    def of(ask, **changes):
        redactor = Redactor(["a-planted-secret"])
        said = {
            "cluster": cluster,
            "gates": {"errors": GATE},
            "version": "v1.0.0",
            "ask": ask,
            "seconds": 0,
            "patience_seconds": 0,
            "signals": Signals(),
            "screen": Screen(stream=StringIO(), redactor=redactor),
            "evidence": Evidence(folder=tmp_path / "evidence", redactor=redactor),
            "mine": lambda pod: True,
        }
        return Soak(**said | changes)

    return of


def test_gates_that_pass_end_it_well(soak):
    soaked = soak(answering((0.0,))).run()
    assert soaked.passed
    assert [finding.verdict.value for finding in soaked.findings] == ["pass"]


def test_no_data_is_waited_for_as_long_as_patience_lasts(soak):
    """Fault 9."""
    answers = [(), (), (0.0,)]

    def later(query):
        value = answers.pop(0) if query.startswith("sum(errors") and len(answers) > 1 else answers[0]
        return answering(value)(query)

    assert soak(later, patience_seconds=60).run().passed


def test_the_gates_are_asked_every_few_seconds_and_not_all_the_time(soak, monkeypatch):
    waits = []
    monkeypatch.setattr(Signals, "sleep", lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(soaks.time, "monotonic", lambda: float(sum(waits)))
    asked = []

    def ask(query):
        if query.startswith("sum(errors"):
            asked.append(sum(waits))
        return answering(())(query)

    soak(ask, seconds=7, patience_seconds=12).run()
    assert asked == [5, 7, 12, 17, 22]
    assert min(waits) >= 1


def test_a_failing_gate_is_not_waited_for(soak):
    soaked = soak(answering((0.5,)), patience_seconds=600).run()
    assert not soaked.passed
    assert soaked.reason == "gate errors: fail: 0.5 is above 0.01"


def test_a_pod_that_restarts_while_it_is_watched_ends_it_at_once(soak, cluster):
    """Fault 16: it was ready, and then crashed."""
    soaked = soak(answering((0.0,)), seconds=600)
    cluster.changed["alys-node-1"] = {"restarts": 1}  # from before: it doesn't count
    looked = cluster.pods
    looks = iter(range(100))

    def pods():
        if next(looks) == 2:
            cluster.changed["alys-node-2"] = {"restarts": 1}
        return looked()

    cluster.pods = pods
    ended = soaked.run()
    assert not ended.passed
    assert ended.reason == "alys-node-2 restarted while it was watched"
    assert [path.name for path in ended.evidence] == ["alys-node-2.log", "alys-node-2.previous.log"]


def test_a_signal_ends_it(soak):
    signals = Signals()
    signals.cancelled = "SIGTERM"
    assert soak(answering((0.0,)), seconds=600, signals=signals).run().reason == "cancelled by SIGTERM"


def test_what_pods_said_is_kept_without_secrets(soak, cluster):
    """Fault 27."""
    cluster.log = lambda pod, previous=False: "the key is a-planted-secret"
    ended = soak(answering((0.5,))).run()
    assert ended.evidence
    assert all("a-planted-secret" not in path.read_text() for path in ended.evidence)


def test_what_the_node_says_of_its_own_secrets_is_not_kept(soak, cluster):
    """Fault 27."""
    cluster.log = lambda pod, **_: "my key is the node's own key"
    kept = soak(answering((0.5,))).run().evidence
    assert {path.read_text() for path in kept} == {"my key is [secret]"}


def test_the_window_is_never_longer_than_the_version_has_run(soak):
    queries = []

    def ask(query):
        queries.append(query)
        return answering((0.0,))(query)

    soak(ask).run()
    assert "[10s]" in queries[0]
