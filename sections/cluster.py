"""The cluster that an environment runs in: the `cluster` section."""

import re
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from sections.account import RoleArn
from sections.network import AdmittedCidr, Cidr, LogDays, Network
from sections.values import Name, Section

KubernetesVersion = Annotated[str, StringConstraints(pattern=r"^1\.[0-9]{2}$")]
"""A minor version of Kubernetes, in quotes: `"1.36"`."""

AddonVersion = Annotated[str, StringConstraints(pattern=r"^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$")]
"""A build of an EKS add-on."""

InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9]+$")]
"""An EC2 instance type: `m7g.large`."""

Architecture = Literal["arm64", "amd64"]


def architecture(instance: str) -> Architecture:
    """Of an instance type: a `g` after the generation is arm64 (`m7g.large`), others amd64 (`g5.xlarge`)."""
    family = instance.partition(".")[0]
    return "arm64" if family == "a1" or re.match(r"^[a-z]+[0-9]+[a-z]*g", family) else "amd64"


class NodeGroup(Section):
    """Machines of one kind."""

    instances: tuple[InstanceType, ...] = Field(
        description="Instance types of one architecture, in the order of preference.",
        examples=[["m7g.large"]],
        min_length=1,
    )
    size: Annotated[int, Field(ge=1, le=100)] = Field(
        default=2, description="Number of machines; with per_zone in each zone.", examples=[2]
    )
    per_zone: bool = Field(
        default=False,
        description="A group in each zone, so that a lost machine comes back where its volumes are.",
        examples=[True],
    )
    dedicated: bool = Field(
        default=False,
        description="Keep pods away that don't ask for this group, by a taint.",
        examples=[True],
    )
    disk: Annotated[int, Field(ge=20, le=1000)] = Field(
        default=50, description="Root volume in GiB; chain data is on volumes of its own.", examples=[50]
    )

    @property
    def architecture(self) -> Architecture:
        """The one of all its instance types."""
        return architecture(self.instances[0])

    @model_validator(mode="after")
    def _one_architecture(self) -> "NodeGroup":
        if len({architecture(instance) for instance in self.instances}) > 1:
            kinds = ", ".join(f"{instance} ({architecture(instance)})" for instance in self.instances)
            raise ValueError(f"mixes architectures: {kinds}; make two groups of them")
        return self


class Addons(Section):
    """The EKS add-ons, each pinned; the newest for a cluster: `aws eks describe-addon-versions`."""

    vpc_cni: AddonVersion = Field(
        default="v1.22.4-eksbuild.3",
        description="Pod network and network policies.",
        examples=["v1.22.4-eksbuild.3"],
    )
    coredns: AddonVersion = Field(
        default="v1.14.3-eksbuild.16", description="Names of Services.", examples=["v1.14.3-eksbuild.16"]
    )
    kube_proxy: AddonVersion = Field(
        default="v1.36.0-eksbuild.21",
        description="Addresses of Services; of the cluster's minor version.",
        examples=["v1.36.0-eksbuild.21"],
    )
    pod_identity: AddonVersion = Field(
        default="v1.3.10-eksbuild.3", description="AWS roles of pods.", examples=["v1.3.10-eksbuild.3"]
    )
    ebs_csi: AddonVersion = Field(
        default="v1.63.1-eksbuild.1",
        description="Volumes and their snapshots.",
        examples=["v1.63.1-eksbuild.1"],
    )
    snapshot_controller: AddonVersion = Field(
        default="v8.6.0-eksbuild.4", description="The snapshot kinds.", examples=["v8.6.0-eksbuild.4"]
    )


class Cluster(Section):
    """An EKS cluster and its network."""

    network: Network = Field(
        description="Its VPC.", examples=[{"cidr": "10.10.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}]
    )
    kubernetes: KubernetesVersion = Field(
        default="1.36",
        description="Minor version, in quotes; there is no way back to an older one.",
        examples=["1.36"],
    )
    service_cidr: Cidr = Field(
        default="172.20.0.0/16",
        description="Addresses of Services, apart from every network.",
        examples=["172.20.0.0/16"],
    )
    public_cidrs: tuple[AdmittedCidr, ...] = Field(
        default=(),
        description="Networks that may reach the API server from outside; none = only from inside the VPC.",
        examples=[["203.0.113.0/24"]],
    )
    admins: tuple[RoleArn, ...] = Field(
        default=(),
        description="Roles of the people who may do everything; changes of the infrastructure are theirs.",
        examples=[["arn:aws:iam::111111111111:role/alys-admin"]],
    )
    on_call: tuple[RoleArn, ...] = Field(
        default=(),
        description="Roles of the people who may mend the node's namespace and see the rest.",
        examples=[["arn:aws:iam::111111111111:role/alys-on-call"]],
    )
    role: RoleArn | None = Field(
        default=None,
        description="Role that is taken on to talk to the cluster; without one the caller's own.",
        examples=["arn:aws:iam::111111111111:role/alys-admin"],
    )
    log_days: LogDays = Field(default=90, description="Retention of the control plane's logs.", examples=[90])
    node_groups: dict[Name, NodeGroup] = Field(
        description="The machines, by a name that never changes: a new name is new machines.",
        examples=[{"system": {"instances": ["m7g.large"]}}],
        min_length=1,
    )
    addons: Addons = Field(default_factory=Addons, description="Add-ons and their versions.")
    protect: bool = Field(
        default=True, description="Refuse to delete network, keys and cluster.", examples=[True]
    )

    @model_validator(mode="after")
    def _kube_proxy_of_the_same_version(self) -> "Cluster":
        if not self.addons.kube_proxy.startswith(f"v{self.kubernetes}."):
            raise PydanticCustomError(
                "kube_proxy_version",
                "= {addon} doesn't fit Kubernetes {kubernetes}; these do:\n      "
                "aws eks describe-addon-versions --addon-name kube-proxy --kubernetes-version {kubernetes}",
                {
                    "key": "cluster.addons.kube_proxy",
                    "addon": self.addons.kube_proxy,
                    "kubernetes": self.kubernetes,
                },
            )
        return self

    @model_validator(mode="after")
    def _each_role_has_one_rank(self) -> "Cluster":
        for role in self.admins:
            if role in self.on_call:
                raise PydanticCustomError(
                    "role_twice",
                    "names {role}, which is among the admins too; a cluster gives a role one rank",
                    {"key": "cluster.on_call", "role": role},
                )
        return self

    @model_validator(mode="after")
    def _pods_run_somewhere(self) -> "Cluster":
        if all(group.dedicated for group in self.node_groups.values()):
            raise PydanticCustomError(
                "all_dedicated",
                "are all dedicated, so that the cluster's own pods run nowhere; add one that isn't",
                {"key": "cluster.node_groups"},
            )
        return self

    @model_validator(mode="after")
    def _services_apart_from_networks(self) -> "Cluster":
        for network in (self.network.cidr, *self.network.peers):
            if IPv4Network(network).overlaps(IPv4Network(self.service_cidr)):
                raise PydanticCustomError(
                    "networks_overlap",
                    "= {service} overlaps the network {network}",
                    {"key": "cluster.service_cidr", "service": self.service_cidr, "network": network},
                )
        return self
