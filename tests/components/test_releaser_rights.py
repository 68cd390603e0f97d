from tests.cloud import with_cluster

ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
BINDING = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"


def rules():
    return with_cluster().one(ROLE, "releasers-role").inputs["rules"]


def test_kinds_that_eks_does_not_know_are_added_and_what_a_rehearsal_takes():
    kinds = {(rule["apiGroups"][0], kind) for rule in rules() for kind in rule["resources"]}
    assert kinds == {
        ("monitoring.coreos.com", "servicemonitors"),
        ("monitoring.coreos.com", "prometheusrules"),
        ("snapshot.storage.k8s.io", "volumesnapshots"),
        ("snapshot.storage.k8s.io", "volumesnapshotcontents"),
        ("", "namespaces"),
        ("", "persistentvolumes"),
    }


def test_no_namespace_but_that_of_the_rehearsals_can_be_changed_or_deleted():
    found = [rule for rule in rules() if "namespaces" in rule["resources"]]
    anywhere = [rule for rule in found if "resourceNames" not in rule]
    assert [rule["verbs"] for rule in anywhere] == [["create"]]
    assert [rule["resourceNames"] for rule in found if rule not in anywhere] == [["alys-staging-rehearsal"]]


def test_no_volume_can_be_deleted():
    (rule,) = (rule for rule in rules() if "persistentvolumes" in rule["resources"])
    assert rule["verbs"] == ["get", "list", "patch", "watch"]


def test_those_who_release_have_them():
    recording = with_cluster()
    binding = recording.one(BINDING, "releasers-binding")
    assert [one["name"] for one in binding.inputs["subjects"]] == ["alys:releasers"]
    assert (
        binding.inputs["roleRef"]["name"] == recording.one(ROLE, "releasers-role").inputs["metadata"]["name"]
    )
