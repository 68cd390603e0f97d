from tests.cloud import with_cluster

CLUSTER = "aws:eks/cluster:Cluster"


def cluster(**changes):
    return with_cluster(**changes).one(CLUSTER)


def test_nobody_is_in_by_having_made_it():
    assert cluster().inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_the_api_server_is_reached_from_inside_alone():
    network = cluster().inputs["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in network


def test_only_the_listed_networks_reach_it_from_outside():
    network = cluster(public_cidrs=["203.0.113.0/24"]).inputs["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is True
    assert network["publicAccessCidrs"] == ["203.0.113.0/24"]


def test_it_is_in_the_private_subnets():
    assert cluster().inputs["vpcConfig"]["subnetIds"] == [
        f"network-private-us-east-1{zone}-id" for zone in "abc"
    ]


def test_secrets_are_encrypted_with_the_environments_key():
    made = cluster()
    assert made.inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert any("environment-key" in urn for urn in made.sources["encryptionConfig"])


def test_every_kind_of_log_is_kept():
    recording = with_cluster(log_days=365)
    logs = recording.one("aws:cloudwatch/logGroup:LogGroup", "cluster-logs")
    assert set(recording.one(CLUSTER).inputs["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }
    assert logs.inputs["name"] == "/aws/eks/alys-staging/cluster"
    assert logs.inputs["retentionInDays"] == 365
    assert "kmsKeyId" in logs.inputs


def test_the_log_group_is_there_before_the_cluster_could_make_it():
    assert any(urn.endswith("::cluster-logs") for urn in cluster().depends_on)


def test_neither_pulumi_nor_aws_deletes_it():
    made = cluster()
    assert made.protect
    assert made.inputs["deletionProtection"] is True


def test_a_cluster_that_may_go_goes():
    made = cluster(protect=False)
    assert not made.protect
    assert made.inputs["deletionProtection"] is False


def test_nothing_runs_in_it_that_is_not_declared():
    assert cluster().inputs["bootstrapSelfManagedAddons"] is False


def test_it_leaves_a_version_before_support_costs_extra():
    assert cluster().inputs["upgradePolicy"] == {"supportType": "STANDARD"}
