"""The generated pages, against what the program says now."""

from dataclasses import replace

import pytest

from docs.generate.__main__ import PAGES
from docs.generate.architecture import picture
from tests.recorder import Recording, Registration


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_committed_page_is_what_the_program_says(path):
    assert path.read_text() == PAGES[path](), "run: make docs"


def registration(type_, name, *, parent="", sources=(), provider=""):
    return Registration(
        type=type_,
        name=name,
        urn=f"urn:pulumi:test::alys::{type_}::{name}",
        parent=parent,
        inputs={},
        secrets=frozenset(),
        protect=False,
        retain_on_delete=False,
        depends_on=(),
        sources={"input": tuple(sources)},
        provider=provider,
        timeouts={},
    )


NETWORK = registration("alys:index:Network", "network")
SUBNETS = [
    registration("aws:ec2/subnet:Subnet", f"network-{zone}", parent=NETWORK.urn) for zone in ("a", "b")
]
CLUSTER = registration("alys:index:Cluster", "cluster")
EKS = registration(
    "aws:eks/cluster:Cluster", "cluster-eks", parent=CLUSTER.urn, sources=[one.urn for one in SUBNETS]
)
PROVIDER = registration("pulumi:providers:kubernetes", "kubernetes", sources=[EKS.urn])
NODE = registration("alys:index:NodeRelease", "node")
RELEASE = registration(
    "kubernetes:helm.sh/v3:Release", "node-release", parent=NODE.urn, provider=f"{PROVIDER.urn}::id"
)
ALL = [NETWORK, *SUBNETS, CLUSTER, EKS, PROVIDER, NODE, RELEASE]


def test_a_box_says_what_a_component_is_made_of():
    assert '  n1["<b>Network network</b><br/>2 x Subnet"]' in picture(Recording(registrations=ALL))


def test_an_arrow_leads_to_what_is_used_once_however_often_it_is():
    assert list(picture(Recording(registrations=ALL))).count("  n0 --> n1") == 1


def test_a_provider_is_no_box_but_a_way():
    lines = list(picture(Recording(registrations=ALL)))
    assert "  n2 --> n0" in lines
    assert not any("kubernetes" in line for line in lines)


def test_the_picture_does_not_depend_on_the_order_of_registration():
    assert list(picture(Recording(registrations=ALL))) == list(picture(Recording(registrations=ALL[::-1])))


def test_an_arrow_is_left_out_where_others_lead():
    """The node uses the cluster's outputs and the network's, and the cluster uses the network's."""
    release = replace(RELEASE, depends_on=(NETWORK.urn,))
    lines = list(picture(Recording(registrations=[*ALL[:-1], release])))
    assert [line for line in lines if "-->" in line] == ["  n0 --> n1", "  n2 --> n0"]
