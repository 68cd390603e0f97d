"""Which pods will never get ready, and which stand in the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.outside import pods
from release.outside.pods import Revisions


def item(
    name="alys-node-0", *, ready=False, state=None, last=None, restarts=0, revision="new", leaving=False
):
    """A pod as the API shows it."""
    metadata = {
        "name": name,
        "uid": f"uid-of-{name}",
        "labels": {
            "alys.network/version": "v2.0.0",
            "alys.network/flags": "0123456789ab",
            "controller-revision-hash": revision,
        },
    }
    if leaving:
        metadata["deletionTimestamp"] = "2026-11-25T00:00:00Z"
    status = {
        "ready": ready,
        "restartCount": restarts,
        "state": state or {"running": {}},
        "lastState": last or {},
        "imageID": "localhost:5055/alys/node@sha256:" + "a" * 64,
    }
    return {"metadata": metadata, "status": {"containerStatuses": [status]}}


def waiting(reason):
    return {"waiting": {"reason": reason, "message": "in the runtime's own words"}}


def exited(code):
    return {"terminated": {"exitCode": code}}


def test_a_pod_is_read_with_its_digest_and_its_labels():
    pod = pods.read(item(ready=True))
    assert (pod.version, pod.flags, pod.revision) == ("v2.0.0", "0123456789ab", "new")
    assert pod.digest == "sha256:" + "a" * 64
    assert pod.ready
    assert pod.trouble is None


def test_a_pod_is_read_with_its_phase_and_one_without_has_none():
    made = item(ready=True)
    assert pods.read(made).phase == ""
    made["metadata"]["labels"]["alys.network/phase"] = "foundation"
    assert pods.read(made).phase == "foundation"


def test_a_pod_whose_migration_fails_will_never_get_ready():
    made = item(state=waiting("PodInitializing"))
    migrate = {
        "ready": False,
        "restartCount": 3,
        "state": waiting("CrashLoopBackOff"),
        "lastState": exited(1),
    }
    made["status"]["initContainerStatuses"] = [migrate]
    assert pods.read(made).trouble == "crashes again and again (exit code 1)"


def test_a_pod_that_is_being_migrated_has_no_trouble():
    made = item(state=waiting("PodInitializing"))
    made["status"]["initContainerStatuses"] = [{"ready": False, "restartCount": 0, "state": {"running": {}}}]
    assert pods.read(made).trouble is None


def test_a_pod_that_was_only_just_made_has_no_status_and_no_trouble():
    made = item()
    del made["status"]["containerStatuses"]
    pod = pods.read(made)
    assert not pod.ready
    assert pod.digest == ""
    assert pod.trouble is None


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("ImagePullBackOff", "has an image that can't be pulled (ImagePullBackOff)"),
        (
            "CreateContainerConfigError",
            "names a Secret or ConfigMap that isn't there (CreateContainerConfigError)",
        ),
        ("InvalidImageName", "has an image whose name is wrong (InvalidImageName)"),
        ("RunContainerError", "can't be started (RunContainerError)"),
    ],
)
def test_what_does_not_pass_by_itself_is_trouble(state, says):
    """Fault 14."""
    assert pods.read(item(state=waiting(state))).trouble == says


def test_a_crashing_container_is_named_with_its_exit_code():
    pod = pods.read(item(state=waiting("CrashLoopBackOff"), last=exited(101)))
    assert pod.trouble == "crashes again and again (exit code 101)"


def test_a_pod_that_restarted_twice_is_trouble_although_it_runs():
    assert pods.read(item(restarts=2, last=exited(1))).trouble == "restarted 2 times (exit code 1)"


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing", "ErrImagePull"])
def test_what_may_still_pass_is_no_trouble(reason):
    assert pods.read(item(state=waiting(reason))).trouble is None


def test_a_crashing_init_container_is_trouble_too():
    made = item(state=waiting("PodInitializing"))
    made["status"]["initContainerStatuses"] = [
        {"restartCount": 3, "state": waiting("CrashLoopBackOff"), "lastState": exited(2)}
    ]
    assert pods.read(made).trouble == "crashes again and again (exit code 2)"


def test_only_pods_of_the_new_revision_end_an_update():
    old = pods.read(item("alys-node-0", state=waiting("CrashLoopBackOff"), revision="old"))
    new = pods.read(item("alys-node-1", state=waiting("CrashLoopBackOff")))
    assert pods.hopeless([old, new], update="new") == (new,)


def found(**changes):
    return Revisions(
        **{
            "current": "old",
            "update": "old",
            "partition": 0,
            "replicas": 3,
            "generation": 2,
            "observed": True,
        }
        | changes
    )


def test_a_broken_pod_of_the_version_that_is_left_stands_in_the_way():
    pod = pods.read(item(state=waiting("CrashLoopBackOff"), revision="bad"))
    assert pods.blocking([pod], found()) == (pod,)
    assert pods.blocking([pod], found(observed=False)) == ()
    assert pods.blocking([pod], found(partition=1)) == (), "a StatefulSet leaves those below it alone"


@given(
    ready=st.booleans(),
    leaving=st.booleans(),
    reason=st.sampled_from(["CrashLoopBackOff", "ContainerCreating", ""]),
    revision=st.sampled_from(["old", "bad"]),
    restarts=st.integers(0, 5),
)
def test_a_pod_that_serves_or_is_of_the_wanted_revision_is_never_deleted(
    ready, leaving, reason, revision, restarts
):
    state = waiting(reason) if reason and not ready else None
    pod = pods.read(item(ready=ready, leaving=leaving, state=state, revision=revision, restarts=restarts))
    if pods.blocking([pod], found()):
        assert not pod.ready
        assert pod.revision == "bad"


def test_a_revision_is_read_from_the_statefulset():
    read = pods.revisions(
        {
            "metadata": {"generation": 7},
            "spec": {"replicas": 4, "updateStrategy": {"rollingUpdate": {"partition": 3}}},
            "status": {"currentRevision": "a", "updateRevision": "b", "observedGeneration": 6},
        }
    )
    assert read == Revisions(current="a", update="b", partition=3, replicas=4, generation=7, observed=False)


def test_pods_are_counted_by_version_without_those_that_leave():
    there = [
        pods.read(item("alys-node-0", ready=True)),
        pods.read(item("alys-node-1")),
        pods.read(item("alys-node-2", ready=True, leaving=True)),
    ]
    assert pods.versions(there) == {"v2.0.0": (2, 1)}
