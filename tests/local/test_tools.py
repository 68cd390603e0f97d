import json

import pytest

from local import tools
from local.errors import LocalError


@pytest.mark.parametrize(
    "tool",
    [tools.KUBERNETES, tools.COREDNS, tools.PULUMI, tools.HELM, tools.ACTIONLINT],
    ids=lambda t: t.name,
)
def test_a_tools_version_is_what_its_module_requires(tool):
    required = (tools.BUILD / tool.name / "go.mod").read_text()
    assert f"{tool.module} {tool.version}" in required


def test_kubernetes_is_stamped_with_its_version_and_its_parts():
    major, minor = tools.KUBERNETES.version.lstrip("v").split(".")[:2]
    flags = tools.KUBERNETES.linker_flags()
    assert f"-X k8s.io/component-base/version.gitVersion={tools.KUBERNETES.version}" in flags
    assert f"-X k8s.io/component-base/version.gitMinor={minor}" in flags
    assert f"-X k8s.io/component-base/version.gitMajor={major}" in flags


def test_a_kubectl_of_the_users_is_taken_when_it_fits(programs):
    said = json.dumps({"clientVersion": {"gitVersion": tools.KUBERNETES.version}})
    programs.answer("kubectl version --client -o json", said)
    assert tools.ensure("kubectl") == programs.folder / "kubectl"


def test_an_ancient_kubectl_is_passed_over_for_the_next_on_path(programs, tmp_path, monkeypatch):
    ancient, fitting = tmp_path / "ancient", tmp_path / "fitting"
    for folder, version in ((ancient, "v1.20.0"), (fitting, tools.KUBERNETES.version)):
        folder.mkdir()
        said = json.dumps({"clientVersion": {"gitVersion": version}})
        type(programs)(folder).answer("kubectl version --client -o json", said)
    monkeypatch.setenv("PATH", f"{ancient}:{fitting}")
    assert tools.on_path("kubectl") == fitting / "kubectl"


def test_a_clones_own_links_are_no_programs_of_the_users(programs, tmp_path, monkeypatch):
    """Else a clone's link would be made to point at itself, or at another clone's."""
    own = tmp_path / ".local" / "bin"
    own.mkdir(parents=True)
    (own / "../env").touch()
    (own / "../kubeconfig").touch()
    programs.answer("helm version --short", "v3.22.0")
    (own / "helm").symlink_to(programs.folder / "helm")
    monkeypatch.setenv("PATH", str(own))
    assert tools.on_path("helm") is None


def test_a_built_tool_is_taken_from_the_cache(own_cache, programs):
    built = own_cache / "tools" / tools.HELM.folder / "helm"
    built.parent.mkdir(parents=True)
    built.touch()
    assert tools.ensure("helm") == built


def test_a_missing_go_is_named_with_the_remedy(own_cache, programs):
    with pytest.raises(LocalError, match=r"building helm needs Go, .* Install Go 1\.\d+.*https://go.dev/dl"):
        tools.ensure("helm")


def test_a_go_that_can_not_build_the_module_is_named_with_its_own_words(own_cache, programs):
    programs.answer("go version", "", 1)
    with pytest.raises(LocalError, match="the Go on PATH is too old to build helm: this is a fake go"):
        tools.ensure("helm")


def test_a_failed_build_leaves_nothing_in_the_cache_and_says_the_compilers_last_words(own_cache, programs):
    programs.answer("go version", "go1.26")
    with pytest.raises(LocalError, match=r"`go build` in .*helm failed:\nthis is a fake go"):
        tools.ensure("helm")
    assert list((own_cache / "tools" / tools.HELM.folder).iterdir()) == []
