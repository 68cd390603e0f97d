import pytest

from release.outside.registry import Absent, Denied, Found, Unreachable
from release.past.way_back import Charts, obstacles, pin_changes
from sections.pin import Pin
from tests.release.histories import entry, told

DIGEST = "sha256:" + "a" * 64
SAME = Charts(here="1234", runs="1234")
FLAGS = {"fast": True, "peers": 50}


def good(**keys):
    return told(entry("v1.0.0", digest=DIGEST, flags=FLAGS, **keys)).last_good()


def wanted(**flags):
    return Pin.model_validate({"version": "v2.0.0", "digest": "sha256:" + "b" * 64, "flags": FLAGS | flags})


def found(pin=None, *, to=None, answer=None, charts=SAME, no_return=()):
    answer = answer or Found(digest=DIGEST)
    return obstacles(pin or wanted(), to or good(), answer=answer, charts=charts, no_return=no_return)


def test_the_way_back_is_open_where_all_is_as_it_was():
    assert found() == ()


def test_without_a_good_release_there_is_none():
    (why,) = obstacles(wanted(), None, answer=None, charts=SAME, no_return=("later",))
    assert why == "no good release was before it, so there is none to go back to"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Absent(), "the registry has no sha256:aaa"),
        (Denied(), "doesn't say to us"),
        (Unreachable(reason="HTTP 502"), "can't be asked whether it still has v1.0.0: HTTP 502"),
    ],
)
def test_only_a_registry_that_says_yes_will_do(answer, said):
    """Fault 19, seen before it happens."""
    (why,) = found(answer=answer)
    assert said in why


def test_a_release_without_a_digest_may_be_another_one_by_now():
    (why,) = obstacles(wanted(), good(), answer=None, charts=SAME, no_return=())
    assert "without a digest" in why


def test_a_changed_chart_would_go_along():
    (why,) = found(charts=Charts(here="1234", runs="5678"))
    assert "5678" in why
    assert "1234" in why


def test_a_chart_that_nobody_has_deployed_stands_in_nothing_s_way():
    assert found(charts=Charts(here="1234", runs=None)) == ()


def test_a_flag_that_is_gone_closes_it():
    pin = Pin.model_validate({"version": "v2.0.0", "flags": {"fast": True}})
    assert found(pin) == ("flag peers is gone, and v1.0.0 has it",)


@pytest.mark.parametrize(
    ("value", "said"),
    [(1, "a whole number, and v1.0.0 has true or false"), ("yes", "a text, and v1.0.0 has true or false")],
)
def test_a_flag_of_another_kind_closes_it(value, said):
    assert found(wanted(fast=value)) == (f"flag fast is {said}",)


def test_a_flag_that_is_new_or_has_another_value_does_not():
    assert found(wanted(fast=False, extra="x")) == ()


def test_what_has_no_return_closes_it_in_its_own_words():
    assert found(no_return=["phase 3 throws the old blocks away"]) == ("phase 3 throws the old blocks away",)


def test_the_changes_of_a_pin_are_a_line_each():
    assert pin_changes(good().pin, wanted(fast=False, extra="x")) == (
        "version: v1.0.0 -> v2.0.0",
        f"digest: {DIGEST} -> sha256:{'b' * 64}",
        "flag extra: none -> x",
        "flag fast: true -> false",
    )


def test_true_and_one_are_not_the_same_value():
    assert pin_changes(wanted(fast=True), wanted(fast=1)) == ("flag fast: true -> 1",)


def test_of_the_first_release_only_the_version_is_said():
    assert pin_changes(None, wanted()) == ("version: v2.0.0",)
