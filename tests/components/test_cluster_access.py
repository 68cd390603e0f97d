from tests.cloud import ACCESS, CLUSTER, declared

ADMIN, ON_CALL = "arn:aws:iam::111111111111:role/admin", "arn:aws:iam::111111111111:role/on-call"


def entries(namespace=None):
    release = {"image": "ghcr.io/alys/node", **({"namespace": namespace} if namespace else {})}
    return declared(
        access=ACCESS,
        cluster={**CLUSTER, "admins": [ADMIN], "on_call": [ON_CALL]},
        release=release,
        version="v1.0.0",
        digest="sha256:" + "0" * 64,
    )


def rights(recording, who):
    """Policies of an entry, each with its scope."""
    prefix = f"access-{who}-Amazon"
    return {
        one.inputs["policyArn"].rpartition("/")[2]: one.inputs["accessScope"]
        for one in recording.all("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
        if one.name.startswith(prefix)
    }


def groups(recording):
    return {
        one.name: one.inputs.get("kubernetesGroups")
        for one in recording.all("aws:eks/accessEntry:AccessEntry")
    }


def test_each_role_has_one_entry():
    assert set(groups(entries())) == {
        "access-deploy",
        "access-rollback",
        "access-preview",
        "access-admin-admin",
        "access-on-call-on-call",
    }


def test_roles_of_one_name_in_two_folders_are_two_entries():
    roles = [f"arn:aws:iam::111111111111:role/{folder}/admin" for folder in ("core", "node")]
    found = groups(declared(cluster={**CLUSTER, "admins": roles}))
    assert set(found) == {"access-admin-core/admin", "access-admin-node/admin"}


def test_a_deployment_changes_the_nodes_namespace_and_its_rehearsals_and_sees_the_rest():
    changed = ["alys-staging", "alys-staging-rehearsal"]
    expected = {
        "AmazonEKSAdminPolicy": {"type": "namespace", "namespaces": changed},
        "AmazonEKSViewPolicy": {"type": "cluster"},
    }
    recording = entries()
    assert rights(recording, "deploy") == expected
    assert rights(recording, "rollback") == expected


def test_the_namespace_is_the_one_that_the_release_names():
    assert rights(entries("node"), "deploy")["AmazonEKSAdminPolicy"]["namespaces"] == [
        "node",
        "node-rehearsal",
    ]


def test_a_preview_only_looks():
    assert rights(entries(), "preview") == {"AmazonEKSViewPolicy": {"type": "cluster"}}


def test_on_call_mends_the_namespace_and_sees_everything():
    found = rights(entries(), "on-call-on-call")
    assert set(found) == {"AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy"}
    assert found["AmazonEKSAdminPolicy"]["type"] == "namespace"


def test_only_people_who_administer_may_do_everything():
    recording = entries()
    assert rights(recording, "admin-admin") == {"AmazonEKSClusterAdminPolicy": {"type": "cluster"}}
    everywhere = [
        one for one in groups(recording) if "AmazonEKSClusterAdminPolicy" in rights(recording, one[7:])
    ]
    assert everywhere == ["access-admin-admin"]


def test_those_who_release_are_in_the_group_that_rbac_knows():
    in_group = {name for name, found in groups(entries()).items() if found == ["alys:releasers"]}
    assert in_group == {"access-deploy", "access-rollback", "access-on-call-on-call"}


def test_those_who_only_look_are_in_another():
    in_group = {name for name, found in groups(entries()).items() if found == ["alys:viewers"]}
    assert in_group == {"access-preview"}
