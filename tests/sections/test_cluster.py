import pytest

from sections.cluster import architecture
from tests.sections.refusals import changed, read, refusal

ROLE = "arn:aws:iam::111111111111:role/alys-on-call"


@pytest.mark.parametrize(
    "instance",
    ["m7g.large", "r7g.xlarge", "t4g.medium", "c7gn.large", "x2gd.large", "a1.large", "g5g.xlarge"],
)
def test_a_graviton_machine_is_arm64(instance):
    assert architecture(instance) == "arm64"


@pytest.mark.parametrize(
    "instance", ["m7i.large", "m7a.large", "t3.medium", "g5.xlarge", "g4dn.xlarge", "r6i.large"]
)
def test_any_other_is_amd64(instance):
    assert architecture(instance) == "amd64"


def test_a_group_of_two_architectures_is_refused():
    message = refusal("cluster.node_groups", {"system": {"instances": ["m7g.large", "m7i.large"]}})
    assert "mixes architectures: m7g.large (arm64), m7i.large (amd64)" in message


def test_a_cluster_whose_machines_are_all_dedicated_is_refused():
    message = refusal("cluster.node_groups", {"chain": {"instances": ["m7g.large"], "dedicated": True}})
    assert "are all dedicated" in message


def test_the_whole_internet_is_never_let_in():
    message = refusal("cluster.public_cidrs", ["0.0.0.0/0"])
    assert "is the whole internet" in message
    assert "203.0.113.0/24" in message


def test_another_kubernetes_needs_another_kube_proxy_and_the_command_is_given():
    message = refusal("cluster.kubernetes", "1.37")
    assert "doesn't fit Kubernetes 1.37" in message
    assert "aws eks describe-addon-versions --addon-name kube-proxy --kubernetes-version 1.37" in message


def test_with_its_kube_proxy_another_kubernetes_is_fine():
    keys = changed("cluster.kubernetes", "1.35")
    keys["cluster"]["addons"] = {"kube_proxy": "v1.35.3-eksbuild.21"}
    found = read(keys)
    assert found.cluster is not None
    assert found.cluster.kubernetes == "1.35"


def test_services_are_apart_from_the_network():
    message = refusal("cluster.service_cidr", "10.20.0.0/20")
    assert "alys:cluster.service_cidr = 10.20.0.0/20 overlaps the network 10.20.0.0/16" in message


def test_a_role_has_one_rank():
    keys = changed("cluster.admins", [ROLE])
    keys["cluster"]["on_call"] = [ROLE]
    assert f"names {ROLE}, which is among the admins too" in refusal("cluster", keys["cluster"])


def test_a_user_is_no_role():
    message = refusal("cluster.admins", ["arn:aws:iam::111111111111:user/somebody"])
    assert "alys:cluster.admins.0" in message
    assert "arn:aws:iam::111111111111:role/alys-admin" in message
