import pytest

from local.plugins.objects.readiness import trouble, verdict


class NoApi:
    """A cluster that knows no kinds."""

    def kind(self, api_version, kind):
        return None


class Storage(NoApi):
    """A cluster whose storage classes bind as told."""

    def __init__(self, mode):
        self.mode = mode

    def kind(self, api_version, kind):
        return kind

    def get(self, kind, namespace, name):
        return {"volumeBindingMode": self.mode}


def condition(type_, status, **more):
    return {"type": type_, "status": status} | more


def deployment(*, replicas=2, updated=2, available=2, observed=1, **status):
    counts = {"replicas": replicas, "updatedReplicas": updated, "availableReplicas": available}
    return {
        "kind": "Deployment",
        "metadata": {"name": "d", "generation": 1},
        "spec": {"replicas": 2},
        "status": counts | {"observedGeneration": observed} | status,
    }


def test_a_deployment_with_all_pods_is_ready():
    assert verdict(deployment(), NoApi()).ready


@pytest.mark.parametrize("lacking", [{"updated": 1}, {"available": 1}, {"replicas": 3}, {"observed": 0}])
def test_a_deployment_in_the_middle_is_not(lacking):
    found = verdict(deployment(**lacking), NoApi())
    assert not found.ready
    assert not found.hopeless


def test_a_deployment_past_its_deadline_is_hopeless():
    late = condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="too late")
    found = verdict(deployment(available=1, conditions=[late]), NoApi())
    assert found.hopeless
    assert "too late" in found.missing


def test_a_deployment_of_nothing_is_ready():
    live = deployment(replicas=0, updated=0, available=0)
    live["spec"]["replicas"] = 0
    assert verdict(live, NoApi()).ready


def job(*conditions, **spec):
    return {
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": spec,
        "status": {"conditions": list(conditions)},
    }


def test_a_complete_job_is_ready():
    assert verdict(job(condition("Complete", "True")), NoApi()).ready


def test_a_failed_job_is_hopeless_and_says_why():
    found = verdict(job(condition("Failed", "True", reason="BackoffLimitExceeded", message="over")), NoApi())
    assert found.hopeless
    assert "BackoffLimitExceeded: over" in found.missing


def test_a_running_job_is_waited_for():
    found = verdict(job(), NoApi())
    assert not found.ready
    assert not found.hopeless


def test_a_suspended_job_is_not_waited_for():
    assert verdict(job(suspend=True), NoApi()).ready


CLAIM = {"kind": "PersistentVolumeClaim", "spec": {"storageClassName": "s"}, "status": {"phase": "Pending"}}


def test_a_claim_that_waits_for_its_first_pod_is_not_waited_for():
    assert verdict(CLAIM, Storage("WaitForFirstConsumer")).ready


def test_any_other_claim_is_waited_for():
    assert not verdict(CLAIM, Storage("Immediate")).ready


def test_a_headless_service_is_ready_at_once():
    assert verdict({"kind": "Service", "spec": {"selector": {"a": "b"}, "clusterIP": "None"}}, NoApi()).ready


def test_a_service_without_pods_is_not():
    assert not verdict({"kind": "Service", "spec": {"selector": {"a": "b"}}}, NoApi()).ready


def test_a_kind_without_a_rule_is_ready():
    assert verdict({"kind": "ConfigMap"}, NoApi()).ready


def test_a_pod_that_crashes_is_named_with_the_reason():
    waiting = {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}}
    pod = {"metadata": {"name": "p-0"}, "status": {"containerStatuses": [waiting]}}
    assert trouble([pod]) == "p-0: CrashLoopBackOff: back-off 10s"


def test_a_pod_that_just_starts_is_no_trouble():
    waiting = {"state": {"waiting": {"reason": "ContainerCreating"}}}
    assert trouble([{"metadata": {"name": "p"}, "status": {"containerStatuses": [waiting]}}]) == ""
