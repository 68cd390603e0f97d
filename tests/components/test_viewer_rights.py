from tests.cloud import CLUSTER, declared

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
OF_EKS_VIEW = {"configmaps", "namespaces"}
"""https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html, AmazonEKSViewPolicy."""


def whole():
    return declared(cluster=CLUSTER, observability={})


def test_all_that_a_cluster_declares_can_be_looked_at_but_secrets():
    recording = whole()
    rules = recording.one(ROLE, "viewers-role").inputs["rules"]
    seen = OF_EKS_VIEW | {kind for rule in rules for kind in rule["resources"]}
    kinds = {
        one.type.rpartition(":")[2].lower()
        for one in recording.registrations
        if one.type.startswith("kubernetes:")
    }
    assert {f"{kind}es" if kind.endswith("class") else f"{kind}s" for kind in kinds} == (
        seen | {"releases"}
    ) - {"secrets"}


def test_looking_changes_nothing_and_shows_no_secret():
    rules = whole().one(ROLE, "viewers-role").inputs["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert not {kind for rule in rules for kind in rule["resources"]} & {"secrets", "*"}


def test_previews_have_them():
    recording = whole()
    binding = recording.one(BINDING, "viewers-binding")
    assert [one["name"] for one in binding.inputs["subjects"]] == ["alys:viewers"]
    assert binding.inputs["roleRef"]["name"] == "alys-viewer"
