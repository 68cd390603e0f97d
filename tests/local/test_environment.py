import json
import os
import subprocess
import sys

import pytest

from local import environment, stand_ins
from local.cluster.choice import Cluster

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: two
contexts:
- {name: one, context: {cluster: first, user: nobody}}
- {name: two, context: {cluster: second, user: somebody, namespace: theirs}}
clusters:
- {name: first, cluster: {server: "https://one"}}
- {name: second, cluster: {server: "https://two"}}
users:
- {name: nobody, user: {}}
- {name: somebody, user: {token: secret}}
"""

CLUSTER = Cluster(
    what="embedded", kubeconfig=KUBECONFIG, registry="localhost:5055", prometheus="http://198.51.100.2:9090"
)


@pytest.fixture
def clone(tmp_path):
    """A path that a shell takes apart unless it is quoted."""
    path = tmp_path / "it's a $HOME clone"
    path.mkdir()
    return path


def source(clone, script: str) -> str:
    argv = ["/bin/sh", "-c", f'. "$0/.local/env"; {script}', str(clone)]
    environ = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=True).stdout


def on_path(clone) -> set[str]:
    return {path.name for path in (clone / ".local" / "bin").iterdir()}


def write_env(clone) -> None:
    folder = environment.folder(clone)
    folder.mkdir(exist_ok=True)
    (folder / "env").write_text(environment.env_text(clone, environment.variables(clone, CLUSTER)))


def test_two_clones_have_namespaces_of_their_own(tmp_path):
    one, two = environment.namespace(tmp_path / "one"), environment.namespace(tmp_path / "two")
    assert one != two
    assert environment.namespace(tmp_path / "one") == one


def test_a_shell_that_sources_the_file_has_the_clones_state_and_cluster(clone):
    write_env(clone)
    said = source(clone, 'printf "%s\\n" "$PULUMI_BACKEND_URL" "$KUBECONFIG" "$REGISTRY" "$ALYS_PROMETHEUS"')
    assert said.splitlines() == [
        f"file://{clone}/.local/state",
        f"{clone}/.local/kubeconfig",
        "localhost:5055",
        "http://198.51.100.2:9090",
    ]


def test_the_clones_tools_come_first_on_path_once(clone):
    write_env(clone)
    said = source(clone, '. "$0/.local/env"; printf %s "$PATH"')
    assert said == f"{clone}/.local/bin:/usr/bin:/bin"


def test_the_cluster_is_reached_past_a_proxy_and_the_users_exceptions_stay(clone):
    write_env(clone)
    said = source(clone, 'NO_PROXY=corp; . "$0/.local/env"; . "$0/.local/env"; printf %s "$NO_PROXY"')
    assert said == "localhost,127.0.0.1,198.51.100.2,corp"


def test_a_shim_runs_a_module_of_its_clone_with_the_callers_arguments(clone):
    package = clone / "local" / "plugins"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "echo.py").write_text("import sys; print(sys.argv[1:])")
    shim = clone / "shim"
    shim.write_text(environment.shim_text(clone, ("local.plugins.echo", "aws")))
    shim.chmod(0o755)
    said = subprocess.run([shim, "an address", "$x"], cwd="/", capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "['aws', 'an address', '$x']"


def test_the_chosen_context_gets_our_name_and_the_clones_namespace():
    ours = json.loads(environment.kubeconfig(KUBECONFIG, "alys-12345678"))
    assert ours["current-context"] == "alys-local"
    (context,) = ours["contexts"]
    assert context == {
        "name": "alys-local",
        "context": {"cluster": "alys-local", "user": "alys-local", "namespace": "alys-12345678"},
    }
    assert ours["clusters"] == [{"name": "alys-local", "cluster": {"server": "https://two"}}]
    assert ours["users"] == [{"name": "alys-local", "user": {"token": "secret"}}]


@pytest.fixture
def written(clone, monkeypatch, programs):
    """A clone whose `.local` was written with the official plugins out of reach."""
    for name in ("pulumi", "helm", "kubectl"):
        programs.program(name)
    monkeypatch.setattr(environment.tools, "ensure", lambda name: programs.folder / name)
    monkeypatch.setattr(stand_ins, "needed", lambda _: list(stand_ins.MODULES))
    environment.write(clone, CLUSTER)
    return clone, CLUSTER


def test_everything_a_shell_needs_is_on_the_clones_path(written):
    clone, _ = written
    assert on_path(clone) == {"pulumi", "helm", "kubectl", "release", *stand_ins.MODULES}
    assert all(os.access(path, os.X_OK) for path in (clone / ".local" / "bin").iterdir())


def test_the_kubeconfig_is_for_its_owners_eyes_only(written):
    clone, _ = written
    assert (clone / ".local" / "kubeconfig").stat().st_mode & 0o777 == 0o600


def test_a_stand_in_goes_when_the_official_plugin_can_be_had(written, monkeypatch):
    clone, cluster = written
    monkeypatch.setattr(stand_ins, "needed", lambda _: [])
    environment.write(clone, cluster)
    assert on_path(clone) == {"helm", "kubectl", "pulumi", "release"}


def test_a_tool_that_moved_is_linked_anew(written, monkeypatch, tmp_path):
    clone, cluster = written
    monkeypatch.setattr(environment.tools, "ensure", lambda name: tmp_path / "newer" / name)
    environment.write(clone, cluster)
    assert (clone / ".local" / "bin" / "helm").readlink() == tmp_path / "newer" / "helm"


def test_the_stack_local_is_made_once_there_is_a_program(written, programs):
    clone, cluster = written
    assert ["pulumi"] not in [call[:1] for call in programs.calls()]
    (clone / "Pulumi.yaml").touch()
    programs.answer("pulumi")
    environment.write(clone, cluster)
    (call,) = [call for call in programs.calls() if call[0] == "pulumi"]
    assert call == ["pulumi", "-C", str(clone), "stack", "select", "--create", "local", "--non-interactive"]


def test_a_shim_is_run_by_the_clones_own_python():
    assert sys.executable in environment.shim_text(stand_ins.Path("/clone"), ("module",))
