"""Kubernetes in Docker, with a registry beside it: https://kind.sigs.k8s.io/docs/user/local-registry/."""

import shutil
import time

from local import tools
from local.cluster import addresses
from local.commands import answer, run, works
from local.errors import LocalError

NAME = "alys"
NODE = f"{NAME}-control-plane"
REGISTRY = "alys-registry"
REGISTRY_IMAGE = "registry:2"
HOSTS = f"/etc/containerd/certs.d/{addresses.REGISTRY}"
CONFIG = """kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
containerdConfigPatches:
- |-
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
"""
HEALTHY_SECONDS = 60


def missing() -> str:
    """Why it can't be used here, in a few words; empty when it can."""
    if shutil.which("docker") is None:
        return "there is no `docker` on PATH"
    if not works(["docker", "info"], seconds=20):
        return "Docker's daemon does not answer `docker info`"
    if shutil.which("kind") is None:
        return "there is no `kind` on PATH"
    return ""


def up() -> None:
    """The cluster `alys` and its registry, made, started again or left as they are."""
    _registry_up()
    if NAME in run(["kind", "get", "clusters"]).split():
        # Docker does not start the node again by itself after the machine's restart.
        run(["docker", "start", NODE])
        if not _becomes_healthy():
            print("kind's cluster `alys` does not come back: it is made anew", flush=True)
            run(["kind", "delete", "cluster", "--name", NAME])
            _create()
    else:
        _create()
    for node in run(["kind", "get", "nodes", "--name", NAME]).split():
        run(["docker", "exec", node, "mkdir", "-p", HOSTS])
        hosts = f'[host."http://{REGISTRY}:5000"]\n'
        run(["docker", "exec", "-i", node, "cp", "/dev/stdin", f"{HOSTS}/hosts.toml"], stdin=hosts)
    if "kind" not in answer(["docker", "inspect", "-f", "{{json .NetworkSettings.Networks}}", REGISTRY]):
        run(["docker", "network", "connect", "kind", REGISTRY])


def down() -> None:
    """Both gone; nothing happens when there is neither."""
    if NAME in run(["kind", "get", "clusters"]).split():
        run(["kind", "delete", "cluster", "--name", NAME])
    if works(["docker", "inspect", REGISTRY]):
        run(["docker", "rm", "--force", REGISTRY])


def ailments() -> list[str]:
    """What is wrong, in words; nothing when the cluster can be used."""
    if NAME not in run(["kind", "get", "clusters"]).split():
        return ["there is no kind cluster `alys`"]
    said = [f"container {c} does not run" for c in (NODE, REGISTRY) if not _container_runs(c)]
    return said or ([] if _healthy() else ["the API server does not answer"])


def kubeconfig() -> str:
    return run(["kind", "get", "kubeconfig", "--name", NAME])


def _create() -> None:
    run(
        ["kind", "create", "cluster", "--name", NAME, "--wait", "120s", "--config", "-"],
        stdin=CONFIG,
        seconds=900,
    )


def _registry_up() -> None:
    if works(["docker", "inspect", REGISTRY]):
        run(["docker", "start", REGISTRY])
        return
    publish = f"127.0.0.1:{addresses.REGISTRY_PORT}:5000"
    argv = ["docker", "run", "--detach", "--restart=always", "--publish", publish, "--network", "bridge"]
    run([*argv, "--name", REGISTRY, REGISTRY_IMAGE])


def _container_runs(name: str) -> bool:
    try:
        return answer(["docker", "inspect", "-f", "{{json .State.Running}}", name]) is True
    except LocalError:
        return False


def _healthy() -> bool:
    kubectl = str(tools.ensure("kubectl"))
    return works([kubectl, "--context", f"kind-{NAME}", "get", "--raw", "/readyz"], seconds=10)


def _becomes_healthy() -> bool:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        if _healthy():
            return True
        time.sleep(1)
    return False
