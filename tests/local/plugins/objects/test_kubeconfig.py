import pytest
import yaml

from local.plugins.objects import kubeconfig
from local.plugins.resources import Refused


def content(server="https://one:6443", context="c", namespace=None):
    return {
        "clusters": [{"name": "k", "cluster": {"server": server}}],
        "contexts": [
            {
                "name": context,
                "context": {"cluster": "k", "user": "u"} | ({"namespace": namespace} if namespace else {}),
            }
        ],
        "users": [{"name": "u", "user": {"token": "hush"}}],
        "current-context": context,
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(content(namespace="mine")))
    return path


def test_a_path_and_its_text_are_the_same_cluster(file):
    by_path, by_text = kubeconfig.load(str(file), None), kubeconfig.load(file.read_text(), None)
    assert by_path.identity == by_text.identity
    assert (by_path.path, by_text.path) == (str(file), "")


def test_the_contexts_namespace_is_the_default(file):
    assert kubeconfig.load(str(file), None).namespace == "mine"


def test_without_one_it_is_default():
    assert kubeconfig.load(yaml.safe_dump(content()), None).namespace == "default"


def test_the_environments_kubeconfig_is_used_when_none_is_given(file, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert kubeconfig.load(None, None).server == "https://one:6443"


def test_of_two_files_the_first_counts(file, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.write_text(yaml.safe_dump(content(server="https://two:6443")))
    monkeypatch.setenv("KUBECONFIG", f"{file}:{other}")
    assert kubeconfig.load(None, None).server == "https://one:6443"


def test_an_unknown_context_is_named_with_those_there_are(file):
    with pytest.raises(Refused, match="no context 'x', only c"):
        kubeconfig.load(str(file), "x")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Refused, match=f"there is no kubeconfig at {tmp_path}/none"):
        kubeconfig.load(str(tmp_path / "none"), None)


def test_broken_text_is_refused_without_quoting_it():
    with pytest.raises(Refused) as caught:
        kubeconfig.load("token: hush\n  - : [", None)
    assert "hush" not in str(caught.value)
