import pytest

from tests.cloud import with_cluster

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SYSTEM = {"instances": ["m7g.large"]}


def chain(**changes):
    return with_cluster(node_groups={"system": SYSTEM, "chain": {"instances": ["r7g.large"], **changes}})


@pytest.mark.parametrize(
    ("instance", "image"),
    [("r7g.large", "AL2023_ARM_64_STANDARD"), ("m7i.large", "AL2023_x86_64_STANDARD")],
)
def test_the_machine_image_fits_the_architecture(instance, image):
    assert chain(instances=[instance]).one(GROUP, "nodes-chain").inputs["amiType"] == image


def test_machines_are_replaced_one_at_a_time_and_mended_by_themselves():
    inputs = chain().one(GROUP, "nodes-chain").inputs
    assert inputs["updateConfig"] == {"maxUnavailable": 1}
    assert inputs["nodeRepairConfig"] == {"enabled": True}


def test_a_dedicated_group_keeps_other_pods_away():
    assert chain(dedicated=True).one(GROUP, "nodes-chain").inputs["taints"] == [
        {"key": "alys.network/group", "value": "chain", "effect": "NO_SCHEDULE"}
    ]


def test_any_pod_runs_on_a_group_that_is_not_dedicated():
    assert chain().one(GROUP, "nodes-chain").inputs["taints"] == []


def test_pods_find_a_group_by_its_label():
    assert chain().one(GROUP, "nodes-chain").inputs["labels"] == {"alys.network/group": "chain"}


def test_one_group_over_all_zones():
    assert chain(size=3).one(GROUP, "nodes-chain").inputs["subnetIds"] == [
        f"network-private-us-east-1{zone}-id" for zone in "abc"
    ]


def test_a_group_in_each_zone_stays_beside_its_volumes():
    groups = [one for one in chain(per_zone=True, size=2).all(GROUP) if one.name.startswith("nodes-chain-")]
    assert sorted(one.inputs["subnetIds"] for one in groups) == [
        [f"network-private-us-east-1{zone}-id"] for zone in "abc"
    ]
    assert {one.inputs["scalingConfig"]["desiredSize"] for one in groups} == {2}


def test_tokens_of_the_machine_stay_on_the_machine():
    """IMDSv2, one hop: a pod can't take the machine's role."""
    options = chain().one(TEMPLATE, "nodes-chain-template").inputs["metadataOptions"]
    assert options == {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1}


def test_root_volumes_are_encrypted():
    (device,) = chain(disk=80).one(TEMPLATE, "nodes-chain-template").inputs["blockDeviceMappings"]
    assert device["ebs"]["encrypted"] == "true"
    assert (device["ebs"]["volumeType"], device["ebs"]["volumeSize"]) == ("gp3", 80)


def test_machines_and_volumes_carry_the_tags_that_the_provider_can_not_give_them():
    specifications = chain().one(TEMPLATE, "nodes-chain-template").inputs["tagSpecifications"]
    assert {one["resourceType"] for one in specifications} == {"instance", "volume", "network-interface"}
    assert all(one["tags"]["environment"] == "staging" for one in specifications)


def test_machines_wait_for_their_role_and_for_the_pod_network():
    """Without them a machine never becomes ready, and its group fails after half an hour."""
    waited = {urn.rpartition("::")[2] for urn in chain().one(GROUP, "nodes-chain").depends_on}
    assert {
        "first-addons-vpc-cni",
        "first-addons-kube-proxy",
        "first-addons-eks-pod-identity-agent",
        "nodes-AmazonEKSWorkerNodePolicy",
    } <= waited


def test_a_renamed_group_replans_nothing_else():
    def besides(name):
        recording = with_cluster(node_groups={"system": SYSTEM, name: {"instances": ["r7g.large"]}})
        return {one.urn: one.inputs for one in recording.registrations if f"nodes-{name}" not in one.urn}

    assert besides("chain") == besides("nodes")
