"""Which pods a namespace admits."""

from collections.abc import Iterator

from policy.declaration import Declaration, known
from policy.rule import Rule, mapping

ENFORCE = "pod-security.kubernetes.io/enforce"
REASON = "policy.alys.network/not-restricted-because"
"""Annotation that says why a namespace has to admit more, for a reviewer to judge."""


def _restricted(declaration: Declaration) -> Iterator[str]:
    if declaration.type != "kubernetes:core/v1:Namespace":
        return
    metadata = mapping(declaration.inputs.get("metadata"))
    level = known(mapping(metadata.get("labels")).get(ENFORCE))
    if level != "restricted" and not known(mapping(metadata.get("annotations")).get(REASON)):
        yield (
            f"the namespace enforces {level or 'no Pod Security Standard'}; label it {ENFORCE}: restricted, "
            f"or say why it can't be with the annotation {REASON}"
        )


RESTRICTED = Rule(
    name="namespaces-restricted",
    reason="A pod that may run as root or mount the host owns the node and everyone on it.",
    check=_restricted,
)
