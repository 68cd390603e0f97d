import pytest

from policy.rules.protection import PROTECTED, PROTECTED_TYPES
from tests.policy.declarations import found


@pytest.mark.parametrize("type_", sorted(PROTECTED_TYPES))
def test_what_is_protected_is_accepted(type_):
    assert not found(PROTECTED, type_, protect=True)


@pytest.mark.parametrize("type_", sorted(PROTECTED_TYPES))
def test_what_a_slip_of_the_hand_would_delete_is_refused(type_):
    assert "protect=True" in found(PROTECTED, type_)


def test_cluster_network_keys_and_state_are_among_them():
    wanted = {"aws:eks/cluster:Cluster", "aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:s3/bucket:Bucket"}
    assert wanted <= set(PROTECTED_TYPES)


def test_what_can_be_declared_again_needs_none():
    assert not found(PROTECTED, "aws:ec2/subnet:Subnet")
