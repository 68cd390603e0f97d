import pytest

from policy.rules.pod_security import ENFORCE, REASON, RESTRICTED
from tests.policy.declarations import found

NAMESPACE = "kubernetes:core/v1:Namespace"


def test_a_restricted_namespace_is_accepted():
    assert not found(RESTRICTED, NAMESPACE, {"metadata": {"labels": {ENFORCE: "restricted"}}})


@pytest.mark.parametrize("labels", [{}, {ENFORCE: "baseline"}, {ENFORCE: "privileged"}])
def test_a_namespace_that_admits_more_is_refused(labels):
    assert "restricted" in found(RESTRICTED, NAMESPACE, {"metadata": {"labels": labels}})


def test_a_namespace_that_says_why_is_left_to_the_reviewer():
    metadata = {"labels": {ENFORCE: "privileged"}, "annotations": {REASON: "node-exporter reads the host"}}
    assert not found(RESTRICTED, NAMESPACE, {"metadata": metadata})


def test_an_empty_reason_is_none():
    metadata = {"labels": {ENFORCE: "privileged"}, "annotations": {REASON: ""}}
    assert "restricted" in found(RESTRICTED, NAMESPACE, {"metadata": metadata})
