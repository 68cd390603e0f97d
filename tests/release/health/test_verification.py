"""What runs against what is pinned: the pods themselves."""

from components.feature_flags import feature_flags
from components.rollout import share
from release.health.verification import _failed_smoke_test, problems_of, runs
from release.outside.pods import Pod
from sections.pin import Pin

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
PIN = Pin(version="v2.0.0", digest=DIGEST)


def pod(number=0, **changes):
    said = {
        "name": f"alys-node-{number}",
        "uid": str(number),
        "version": "v2.0.0",
        "flags": feature_flags(PIN).digest,
        "revision": "new",
        "ready": True,
        "leaving": False,
        "restarts": 0,
        "waiting": "",
        "detail": "",
        "digest": DIGEST,
    }
    return Pod(**said | changes)


def test_pods_that_run_the_pin_have_no_problems():
    assert problems_of((pod(0), pod(1)), PIN, share(2, 100)) == []


def test_a_pod_of_another_image_is_counted_out():
    problems = problems_of((pod(0), pod(1, version="v1.0.0", digest=OTHER)), PIN, share(2, 100))
    assert problems == ["1 pods run v2.0.0, and 2 should"]


def test_an_image_that_was_changed_by_hand_is_named():
    """Fault 26: the label says the pinned version, the container runtime says another image."""
    problems = problems_of((pod(0), pod(1, digest=OTHER)), PIN, share(2, 50))
    assert problems == [f"alys-node-1 says v2.0.0 and runs {OTHER}, which is not {DIGEST}"]


def test_a_pod_that_is_not_ready_is_named_with_its_trouble():
    sick = pod(1, ready=False, waiting="CrashLoopBackOff", exit_code=1)
    assert problems_of((pod(0), sick), PIN, share(2, 100)) == [
        "alys-node-1 isn't ready: it crashes again and again (exit code 1)"
    ]


def test_a_missing_pod_is_counted():
    assert "there are 1 pods, and 2 are wanted" in problems_of((pod(0),), PIN, share(2, 50))


def test_more_pods_than_the_share_are_fine():
    assert problems_of((pod(0), pod(1)), PIN, share(2, 50)) == []


def test_a_pod_with_other_flags_does_not_run_the_pin():
    assert not runs(pod(flags="0123456789ab"), PIN)


def test_without_a_digest_the_version_decides():
    assert runs(pod(digest=OTHER), Pin(version="v2.0.0"))
    assert not runs(pod(version="v1.0.0"), Pin(version="v2.0.0"))


def smoke_test(image, phase):
    container = {"image": f"localhost:5055/alys/node:{image}"}
    return {"status": {"phase": phase}, "spec": {"containers": [container]}}


def test_a_smoke_test_of_the_pin_that_failed_is_a_problem_and_another_versions_is_not():
    assert _failed_smoke_test(smoke_test(f"v2.0.0@{DIGEST}", "Failed"), PIN)
    assert not _failed_smoke_test(smoke_test(f"v2.0.0@{DIGEST}", "Succeeded"), PIN)
    assert not _failed_smoke_test(smoke_test(f"v3.0.0@{OTHER}", "Failed"), PIN)
    assert not _failed_smoke_test(None, PIN)


def test_a_pod_of_another_phase_does_not_run_the_pin():
    """A change of phase alone rolls the pods, with the image and the flags that they had."""
    entered = PIN.model_copy(update={"phase": "actor-core"})
    assert runs(pod(phase="actor-core"), entered)
    assert not runs(pod(), entered)
    assert not runs(pod(phase="foundation"), entered)
    assert not runs(pod(phase="foundation"), PIN)
