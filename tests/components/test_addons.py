import json

import pytest

from tests.cloud import statements, with_cluster

ADDON = "aws:eks/addon:Addon"


def addons(**changes):
    return {one.inputs["addonName"]: one for one in with_cluster(**changes).all(ADDON)}


def test_every_addon_is_declared_and_pinned():
    versions = {name: one.inputs["addonVersion"] for name, one in addons().items()}
    assert set(versions) == {
        "aws-ebs-csi-driver",
        "coredns",
        "eks-pod-identity-agent",
        "kube-proxy",
        "snapshot-controller",
        "vpc-cni",
    }
    assert all("eksbuild" in version for version in versions.values())


def test_the_stack_file_says_which():
    assert addons(addons={"coredns": "v1.14.3-eksbuild.23"})["coredns"].inputs["addonVersion"] == (
        "v1.14.3-eksbuild.23"
    )


def test_network_policies_are_enforced():
    configuration = json.loads(addons()["vpc-cni"].inputs["configurationValues"])
    assert configuration["enableNetworkPolicy"] == "true"


@pytest.mark.parametrize(
    ("addon", "account"), [("vpc-cni", "aws-node"), ("aws-ebs-csi-driver", "ebs-csi-controller-sa")]
)
def test_an_addon_that_calls_aws_has_a_role_of_its_own(addon, account):
    recording = with_cluster()
    one = next(one for one in recording.all(ADDON) if one.inputs["addonName"] == addon)
    (association,) = one.inputs["podIdentityAssociations"]
    assert association["serviceAccount"] == account
    role = next(one for one in recording.all("aws:iam/role:Role") if one.name.endswith(f"-{addon}"))
    assert statements(role, "assumeRolePolicy")["Pods"]["Principal"] == {"Service": "pods.eks.amazonaws.com"}


def test_the_storage_driver_uses_the_environments_key_and_no_other():
    recording = with_cluster()
    policy = recording.one("aws:iam/rolePolicy:RolePolicy", "addons-aws-ebs-csi-driver")
    key = recording.one("aws:eks/cluster:Cluster").inputs["encryptionConfig"]["provider"]["keyArn"]
    assert {one["Resource"] for one in statements(policy).values()} == {key}
    assert statements(policy)["Attach"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize("addon", ["coredns", "aws-ebs-csi-driver", "snapshot-controller"])
def test_what_runs_as_a_deployment_waits_for_machines(addon):
    assert any(urn.endswith("::nodes-system") for urn in addons()[addon].depends_on)


@pytest.mark.parametrize("addon", ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
def test_what_machines_wait_for_does_not_wait_for_machines(addon):
    assert not any(urn.endswith("::nodes-system") for urn in addons()[addon].depends_on)
