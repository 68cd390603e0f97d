from tests.cloud import with_cluster

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"


def test_only_kinds_that_eks_does_not_know_are_added():
    kinds = {
        (rule["apiGroups"][0], kind)
        for rule in with_cluster().one(ROLE, "releasers-role").inputs["rules"]
        for kind in rule["resources"]
    }
    assert kinds == {
        ("monitoring.coreos.com", "servicemonitors"),
        ("monitoring.coreos.com", "prometheusrules"),
        ("snapshot.storage.k8s.io", "volumesnapshots"),
        ("snapshot.storage.k8s.io", "volumesnapshotcontents"),
    }


def test_those_who_release_have_them():
    recording = with_cluster()
    binding = recording.one(BINDING, "releasers-binding")
    assert [one["name"] for one in binding.inputs["subjects"]] == ["alys:releasers"]
    assert (
        binding.inputs["roleRef"]["name"] == recording.one(ROLE, "releasers-role").inputs["metadata"]["name"]
    )
