"""The cluster of this machine, a namespace in it, and the probe's image in its registry."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import images, tools
from local.cluster import choice
from tests.local.cluster.kube import RESTRICTED, Kube

CLONE = Path(__file__).parents[3]
REPOSITORY = "alys/probe"


@pytest.fixture(scope="session")
def probe(tmp_path_factory) -> images.Packed:
    """The probe as an image."""
    binary = tmp_path_factory.mktemp("probe") / "probe"
    tools.go(["build", "-o", str(binary), "-ldflags", "-s -w", "."], Path(__file__).parent / "probe")
    return images.pack(images.Image(binary=binary, entrypoint=("/probe",)), os.uname().machine)


@pytest.fixture(scope="session")
def cluster() -> choice.Cluster:
    return choice.up(CLONE / ".local" / "kubeconfig")


@pytest.fixture(scope="session")
def probe_image(cluster, probe) -> str:
    digest = images.push(probe, cluster.registry, REPOSITORY, "1")
    return f"{cluster.registry}/{REPOSITORY}:1@{digest}"


@pytest.fixture(scope="module")
def kube(cluster, tmp_path_factory) -> Iterator[Kube]:
    """A restricted namespace of this module's own."""
    kubeconfig = tmp_path_factory.mktemp("kube") / "config"
    kubeconfig.write_text(cluster.kubeconfig)
    name = f"local-{uuid.uuid4().hex[:8]}"
    kube = Kube(kubectl=tools.ensure("kubectl"), kubeconfig=kubeconfig, namespace=name)
    kube.make_namespace(RESTRICTED)
    yield kube
    kube.do("delete", "namespace", name, "--wait=false")
