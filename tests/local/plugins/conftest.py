"""Fixtures of the tests that need the real cluster: a served provider, a namespace, an image."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import cache, images, tools
from local.cluster.addresses import REGISTRY
from local.plugins.kubernetes import Kubernetes
from local.plugins.values import Secret
from tests.local.plugins.serving import Served, served
from tests.local.plugins.stacks import Workspace, workspace

TASK = Path(__file__).parent / "task"


@pytest.fixture(scope="session")
def kubeconfig() -> str:
    return os.environ.get("KUBECONFIG") or str(cache.cluster() / "admin.kubeconfig")


@pytest.fixture
def kubernetes(kubeconfig) -> Iterator[Served]:
    with served(Kubernetes) as plugin:
        plugin.configure(kubeconfig=kubeconfig)
        yield plugin


@pytest.fixture
def namespace(kubeconfig) -> Iterator[str]:
    """A namespace of this test's own; deleting it takes along whatever the test made."""
    name = f"plugins-{uuid.uuid4().hex[:8]}"
    kubectl(kubeconfig, "create", "namespace", name)
    yield name
    kubectl(kubeconfig, "delete", "namespace", name, "--wait=false")


@pytest.fixture
def kubectl_in(kubeconfig, namespace):
    """`kubectl` in the test's namespace, as somebody would use it by hand."""
    return lambda *arguments: kubectl(kubeconfig, "--namespace", namespace, *arguments)


def kubectl(kubeconfig: str, *arguments: str) -> str:
    command = [str(tools.ensure("kubectl")), "--kubeconfig", kubeconfig, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def helm_on_path(monkeypatch) -> None:
    monkeypatch.setenv("PATH", f"{tools.ensure('helm').parent}:{os.environ['PATH']}")


@pytest.fixture(scope="session")
def task_image(tmp_path_factory) -> str:
    """An image that runs `task SECONDS CODE`."""
    binary = tmp_path_factory.mktemp("task") / "task"
    tools.go(["build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", str(binary), "."], TASK)
    image = images.Image(binary=binary, entrypoint=("/task",), arguments=("0", "0"))
    digest = images.push(images.pack(image, os.uname().machine), REGISTRY, "alys/task", "1")
    return f"{REGISTRY}/alys/task:1@{digest}"


@pytest.fixture
def chart(tmp_path) -> Path:
    """A chart of one ConfigMap and, on demand, a job as hook that takes `seconds` and ends with `code`."""
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("{apiVersion: v2, name: tiny, version: 0.1.0, appVersion: '1'}\n")
    (folder / "values.yaml").write_text(
        "{text: '', image: '', hook: false, seconds: 0, code: 0, secret: ''}\n"
    )
    (folder / "values.schema.json").write_text('{"properties": {"code": {"type": "integer", "maximum": 99}}}')
    (folder / "templates" / "all.yaml").write_text(
        """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data: {text: "{{ .Values.text }}"}
---
{{- if .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations:
    helm.sh/hook: post-install,post-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 120
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: task
          image: "{{ .Values.image }}"
          args: ["{{ .Values.seconds }}", "{{ .Values.code }}"]
{{- end }}
"""
    )
    return folder


@pytest.fixture
def release(chart, namespace, task_image):
    """Make the inputs of a release of that chart, called `tiny`."""

    def inputs(*, text: str = "one", seconds: int = 0, code: int = 0, **more):
        task = {"image": task_image, "hook": bool(seconds or code), "seconds": seconds, "code": code}
        values = {"text": text, "secret": Secret("hush")} | task
        base = {"name": "tiny", "namespace": namespace, "chart": str(chart), "atomic": True, "timeout": 60}
        return base | {"values": values} | more

    return inputs


@pytest.fixture
def stack(tmp_path) -> Workspace:
    """A project of this test's own on the real engine."""
    return workspace(tmp_path)
