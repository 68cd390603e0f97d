from tests.cloud import CLUSTER, REGISTRY, declared, statements, with_cluster

POLICY = "aws:iam/rolePolicy:RolePolicy"


def managed(recording):
    return {
        one.inputs["policyArn"].rpartition("/")[2]
        for one in recording.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if one.name.startswith("nodes-")
    }


def test_a_machine_joins_pulls_and_is_looked_at():
    assert managed(with_cluster()) == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }


def test_the_first_pull_fills_the_cache_of_this_environment_alone():
    recording = declared(cluster=CLUSTER, registry=REGISTRY)
    found = statements(recording.one(POLICY, "nodes-cache"))
    assert found["MakeRepository"]["Resource"] == (
        "arn:aws:ecr:us-east-1:111111111111:repository/ghcr-staging/*"
    )
    assert found["FirstPull"]["Action"] == ["ecr:BatchImportUpstreamImage"]


def test_without_a_cache_a_machine_makes_nothing():
    recording = declared(cluster=CLUSTER, registry={**REGISTRY, "mode": "direct"})
    assert [one for one in recording.all(POLICY) if one.name == "nodes-cache"] == []
