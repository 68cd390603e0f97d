import json

from components.kubeconfig import Entrance, kubeconfig
from tests.cloud import CLUSTER, declared, with_cluster

PROVIDER = "pulumi:providers:kubernetes"
ENTRANCE = {
    "cluster_name": "alys-staging",
    "region": "us-east-1",
    "endpoint": "https://api",
    "authority": "QQ==",
}


def command(**changes):
    (user,) = json.loads(kubeconfig(Entrance(**ENTRANCE, **changes)))["users"]
    return [user["user"]["exec"]["command"], *user["user"]["exec"]["args"]]


def test_a_token_is_asked_for_each_time():
    assert command() == [
        "aws",
        "eks",
        "get-token",
        "--cluster-name",
        "alys-staging",
        "--region",
        "us-east-1",
        "--output",
        "json",
    ]


def test_a_role_is_taken_on_where_one_is_named():
    role = "arn:aws:iam::111111111111:role/alys-admin"
    assert command(role_arn=role)[-2:] == ["--role-arn", role]


def test_the_server_is_known_by_its_certificate():
    (cluster,) = json.loads(kubeconfig(Entrance(**ENTRANCE)))["clusters"]
    assert cluster["cluster"] == {"server": "https://api", "certificate-authority-data": "QQ=="}


def test_the_cluster_keeps_its_identity_while_its_address_is_unknown():
    """Else a preview would plan everything in the cluster anew."""
    provider = declared(cluster=CLUSTER, preview=True).one(PROVIDER)
    assert provider.inputs["clusterIdentifier"] == "alys-staging"


def test_the_way_in_waits_for_machines_and_addons():
    waited = {urn.rpartition("::")[2] for urn in with_cluster().one(PROVIDER).depends_on}
    assert {"nodes-system", "addons-aws-ebs-csi-driver", "addons-snapshot-controller"} <= waited
