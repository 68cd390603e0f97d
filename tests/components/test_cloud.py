from tests.cloud import ACCESS, BACKUPS, CLUSTER, COSTS, REGISTRY, declared
from tests.stacks import recorded

NODE = "alys:index:NodeRelease"


def staging():
    return recorded("staging")


def test_the_node_runs_in_the_stacks_own_cluster():
    recording = staging()
    provider = recording.one("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == "alys-staging"
    assert recording.one("kubernetes:helm.sh/v3:Release", "node-release").provider.startswith(provider.urn)


def test_the_node_waits_for_its_volumes_its_images_and_its_monitors():
    waited = {urn.rpartition("::")[2] for urn in staging().one(NODE).depends_on}
    assert any("storage" in urn for urn in waited)
    assert any("images" in urn for urn in waited)
    assert any("observability" in urn for urn in waited)


def test_the_node_is_pulled_from_the_cache():
    values = staging().one("kubernetes:helm.sh/v3:Release", "node-release").inputs["values"]
    assert values["image"]["repository"] == (
        "111111111111.dkr.ecr.us-east-1.amazonaws.com/ghcr-staging/alys/node"
    )
    assert values["imagePullSecrets"] == []


def test_jobs_are_told_where_state_and_cluster_are():
    told = {
        one.inputs["variableName"]: one.inputs["value"]
        for one in staging().all("github:index/actionsEnvironmentVariable:ActionsEnvironmentVariable")
        if one.inputs["environment"] == "staging"
    }
    assert told["AWS_REGION"] == "us-east-1"
    assert told["PULUMI_BACKEND_URL"] == "s3://alys-state-111111111111?region=us-east-1"
    assert told["CLUSTER"] == "alys-staging"
    assert told["AWS_ROLE_ARN"].endswith(":role/alys-staging")


def test_a_stack_declares_what_its_file_holds_and_no_more():
    assert {one.type for one in declared(costs=COSTS).registrations} == {
        "pulumi:providers:aws",
        "aws:budgets/budget:Budget",
        "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
        "aws:costexplorer/anomalySubscription:AnomalySubscription",
    }


def test_an_account_alone_declares_nothing():
    assert declared().types == ["pulumi:providers:aws"]


def test_sections_do_not_change_each_other():
    """A section that is taken out takes its own resources with it and replans no other."""
    whole = declared(access=ACCESS, costs=COSTS, backups=BACKUPS, registry=REGISTRY)
    less = declared(access=ACCESS, backups=BACKUPS)
    kept = {one.urn: one.inputs for one in less.registrations}
    assert {urn: inputs for urn, inputs in _by_urn(whole).items() if urn in kept} == kept


def test_every_environment_is_made_of_the_same_resources():
    """Names don't depend on the environment, so that one is read as the other."""
    first = {one.urn.split("::", 2)[2] for one in declared(access=ACCESS, cluster=CLUSTER).registrations}
    assert not any("staging" in name for name in first)


def _by_urn(recording):
    return {one.urn: one.inputs for one in recording.registrations}
