import pytest

from local import __main__ as program
from local.errors import LocalError


def refuse() -> None:
    raise LocalError("no cluster can be started here: it rains. Wait for the sun")


def interrupt() -> None:
    raise KeyboardInterrupt


def test_a_users_trouble_is_one_line_without_a_traceback(monkeypatch):
    monkeypatch.setitem(program.VERBS, "up", refuse)
    with pytest.raises(SystemExit) as left:
        program.main(["up"])
    assert left.value.code == "error: no cluster can be started here: it rains. Wait for the sun"


def test_an_interrupt_ends_quietly_with_the_shells_code(monkeypatch):
    monkeypatch.setitem(program.VERBS, "up", interrupt)
    with pytest.raises(SystemExit) as left:
        program.main(["up"])
    assert left.value.code == 130


def test_a_wrong_verb_is_answered_with_the_right_ones(capsys):
    with pytest.raises(SystemExit):
        program.main(["destroy"])
    assert "choose from tools, up, down, status, env" in capsys.readouterr().err.replace("'", "")


def test_every_verb_says_what_it_does():
    assert all(verb.__doc__ for verb in program.VERBS.values())


def test_env_starts_no_cluster(monkeypatch):
    monkeypatch.setattr(program.choice, "ailments", lambda _: ("embedded", ["it does not run"]))
    with pytest.raises(SystemExit) as left:
        program.main(["env"])
    assert (
        left.value.code
        == "error: cluster embedded can't be used: it does not run. `make cluster` starts or mends it"
    )


def test_status_of_an_unhealthy_cluster_is_a_failure(monkeypatch, capsys):
    monkeypatch.setattr(program.choice, "ailments", lambda _: ("embedded", ["it does not run"]))
    with pytest.raises(SystemExit) as left:
        program.status()
    assert left.value.code == 1
    assert capsys.readouterr().out == "cluster: embedded, it does not run\n"


@pytest.mark.parametrize("given", ["", "http://prometheus.team"])
def test_a_cluster_without_a_prometheus_is_said_to_have_none_with_the_remedy(given, monkeypatch, capsys):
    cluster = program.choice.Cluster(what="kind", kubeconfig="", registry="localhost:5055", prometheus=given)
    monkeypatch.setattr(program.choice, "up", lambda _: cluster)
    monkeypatch.setattr(program.environment, "write", lambda *_: [])
    monkeypatch.setattr(program.samples, "push", lambda _: {})
    program.up()
    assert ("ALYS_PROMETHEUS=URL hands one in" in capsys.readouterr().out) is (given == "")


def test_a_cluster_comes_with_the_sample_versions_or_says_why_not(monkeypatch, capsys):
    cluster = program.choice.Cluster(what="kind", kubeconfig="", registry="ghcr.io/team", prometheus="")
    pushed = []
    monkeypatch.setattr(program.choice, "up", lambda _: cluster)
    monkeypatch.setattr(program.environment, "write", lambda *_: [])
    monkeypatch.setattr(program.samples, "push", pushed.append)
    program.up()
    assert pushed == ["ghcr.io/team"]

    def denied(_):
        raise LocalError("403 Forbidden")

    monkeypatch.setattr(program.samples, "push", denied)
    program.up()
    assert "the sample versions are not in ghcr.io/team: 403 Forbidden" in capsys.readouterr().out
