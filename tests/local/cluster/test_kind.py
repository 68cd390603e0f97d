import json

import pytest

from local.cluster import kind
from local.errors import LocalError


@pytest.fixture
def docker(programs):
    """A Docker and a kind with nothing in them yet."""
    said = json.dumps({"clientVersion": {"gitVersion": kind.tools.KUBERNETES.version}})
    programs.answer("kubectl version --client -o json", said)
    programs.answer("docker", "")
    programs.answer("docker inspect", "", 1)
    programs.answer("docker inspect -f {{json .NetworkSettings.Networks}} alys-registry", '{"bridge": {}}')
    programs.answer("kind get clusters", "No kind clusters found.\n")
    programs.answer("kind get nodes --name alys", "alys-control-plane\n")
    programs.answer("kind create cluster")
    programs.answer("kind delete cluster")
    programs.answer("kubectl --context kind-alys get --raw /readyz", "ok")
    return programs


@pytest.fixture
def with_cluster(docker):
    """The same with a cluster and a registry that an earlier run made."""
    docker.answer("kind get clusters", "alys\nother\n")
    docker.answer("docker inspect alys-registry", "[{}]")
    docker.answer("docker inspect -f {{json .State.Running}}", "true")
    docker.answer(
        "docker inspect -f {{json .NetworkSettings.Networks}} alys-registry", '{"bridge": {}, "kind": {}}'
    )
    return docker


def commands(programs, *start: str) -> list[str]:
    return [" ".join(call) for call in programs.calls() if call[: len(start)] == list(start)]


def test_the_registry_is_published_on_loopback_only(docker):
    kind.up()
    (run,) = commands(docker, "docker", "run")
    assert "--publish 127.0.0.1:5055:5000 --network bridge --name alys-registry registry:2" in run


def test_a_new_cluster_looks_for_registries_where_we_name_them(docker):
    kind.up()
    assert 'config_path = "/etc/containerd/certs.d"' in docker.stdin_of("kind", "create")


def test_each_node_reaches_the_registry_by_the_name_that_images_carry(docker):
    kind.up()
    target = "/etc/containerd/certs.d/localhost:5055"
    assert commands(docker, "docker", "exec") == [
        f"docker exec alys-control-plane mkdir -p {target}",
        f"docker exec -i alys-control-plane cp /dev/stdin {target}/hosts.toml",
    ]
    assert docker.stdin_of("docker", "exec", "-i") == '[host."http://alys-registry:5000"]\n'


def test_the_registry_joins_the_nodes_network_once(docker, with_cluster):
    kind.up()
    assert commands(docker, "docker", "network") == []


def test_a_new_registry_joins_the_nodes_network(docker):
    kind.up()
    assert commands(docker, "docker", "network") == ["docker network connect kind alys-registry"]


def test_a_cluster_that_docker_did_not_start_again_is_started_and_not_made_anew(with_cluster):
    kind.up()
    assert commands(with_cluster, "docker", "start") == [
        "docker start alys-registry",
        "docker start alys-control-plane",
    ]
    assert commands(with_cluster, "kind", "create") == []


def test_a_cluster_that_does_not_come_back_is_made_anew(with_cluster, monkeypatch, capsys):
    monkeypatch.setattr(kind, "HEALTHY_SECONDS", 0)
    kind.up()
    made = commands(with_cluster, "kind", "delete") + commands(with_cluster, "kind", "create")
    assert [line.split()[1] for line in made] == ["delete", "create"]
    assert "made anew" in capsys.readouterr().out


def test_a_healthy_cluster_has_no_ailments(with_cluster):
    assert kind.ailments() == []


def test_a_stopped_node_is_an_ailment(with_cluster):
    with_cluster.answer("docker inspect -f {{json .State.Running}} alys-control-plane", "false")
    assert kind.ailments() == ["container alys-control-plane does not run"]


def test_down_takes_away_the_cluster_and_its_registry(with_cluster):
    kind.down()
    assert commands(with_cluster, "kind", "delete") == ["kind delete cluster --name alys"]
    assert commands(with_cluster, "docker", "rm") == ["docker rm --force alys-registry"]


def test_down_of_nothing_does_nothing(docker):
    kind.down()
    assert commands(docker, "kind", "delete") + commands(docker, "docker", "rm") == []


def test_a_refusal_of_kinds_is_shown_in_its_own_words(docker):
    docker.answer("kind create cluster", "", 1)
    with pytest.raises(LocalError, match=r"`kind create cluster --name alys .* said: this is a fake kind"):
        kind.up()
