"""The stack file: what it may say, and what a wrong one is answered with (faults 23, 24 and 25)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import set_all_config

import configuration
import settings
from sections.mistakes import UnusableError
from tests.recorder import record

DIGEST = "sha256:" + "0123456789abcdef" * 4
LOCAL = {"image": "localhost:5055/alys/node", "context": "alys-local"}
CLOUD = {"image": "ghcr.io/alys/node", "context": "alys-staging"}


def read(**keys) -> settings.Settings:
    set_all_config(
        {f"alys:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
    )
    try:
        return configuration.read("staging")
    finally:
        set_all_config({}, [])


def refusal(**keys) -> str:
    with pytest.raises(UnusableError) as refused:
        read(**keys)
    return str(refused.value)


def test_a_whole_stack_file_is_read():
    found = read(version="v1.2.0", digest=DIGEST, rollout="25", flags={"a": True}, release=CLOUD)
    assert found.pin is not None
    assert (found.pin.version, found.pin.digest, found.pin.rollout) == ("v1.2.0", DIGEST, 25)
    assert found.pin.flags["a"].value is True


def test_a_section_that_is_absent_is_not_declared():
    found = read()
    assert found.release is None
    assert found.pin is None


def test_a_version_that_looks_like_a_number_stays_text():
    found = read(version="1.10", release=LOCAL)
    assert found.pin is not None
    assert found.pin.version == "1.10"


def test_a_release_without_a_version_is_refused_with_the_yaml_to_paste():
    message = refusal(release=LOCAL)
    assert "Pulumi.staging.yaml" in message
    assert "alys:version is missing" in message
    assert "alys:version: v1.0.0" in message


def test_only_a_registry_on_localhost_goes_without_a_digest():
    assert read(version="v1", release=LOCAL).pin is not None
    message = refusal(version="v1", release=CLOUD)
    assert "alys:digest is missing" in message
    assert "ghcr.io/alys/node" in message


@pytest.mark.parametrize(
    "version",
    ["$(id)", ";rm", "../../x", "v1\n", "v1\0", "-h", "{{ }}", "a: b", "v" * 10_000, "", "latest", "Latest"],
)
def test_a_version_that_is_no_fixed_tag_is_refused(version):
    assert "alys:version = " in refusal(version=version, release=LOCAL)


@pytest.mark.parametrize("phase", ["Actor Core", "", "-", "a" * 64, "$(id)"])
def test_a_phase_that_is_no_name_is_refused(phase):
    message = refusal(version="v1", phase=phase, release=LOCAL)
    assert "alys:phase = " in message
    assert "alys:phase: foundation" in message


@pytest.mark.parametrize("rollout", ["-1", "101", "NaN", "50%", "1e2", "12.5", "", "true", "\uff11\uff10"])
def test_a_rollout_that_is_no_percent_is_refused(rollout):
    message = refusal(version="v1", rollout=rollout, release=LOCAL)
    assert "alys:rollout = " in message
    assert "alys:rollout: 100" in message


@given(st.integers(0, 100))
def test_every_whole_percent_is_taken(percent):
    found = read(version="v1", rollout=str(percent), release=LOCAL)
    assert found.pin is not None
    assert found.pin.rollout == percent


@pytest.mark.parametrize(
    "digest", ["abc", "sha256:abc", "sha512:" + "a" * 64, DIGEST.upper(), DIGEST + "\n", DIGEST + "0"]
)
def test_a_digest_that_is_no_sha256_is_refused(digest):
    message = refusal(version="v1", digest=digest, release=LOCAL)
    assert "alys:digest = " in message
    assert "alys:digest: sha256:" in message


@pytest.mark.parametrize("value", [[1], None, {"valeu": True}])
def test_a_flag_of_a_wrong_type_is_named(value):
    message = refusal(version="v1", flags={"fast_sync": value}, release=LOCAL)
    assert "alys:flags.fast_sync" in message


def test_a_flag_whose_since_is_no_version_is_named():
    message = refusal(version="v1.0.0", flags={"a": {"value": True, "since": "soon"}}, release=LOCAL)
    assert 'alys:flags.a.since = "soon" is no semantic version' in message


def test_a_flag_since_a_version_needs_a_pinned_version_with_an_order():
    message = refusal(version="main-abc", flags={"a": {"value": True, "since": "v2.0.0"}}, release=LOCAL)
    assert "alys:flags.a.since" in message
    assert "main-abc" in message


def test_a_flag_name_with_capitals_is_refused():
    assert "is no flag name" in refusal(version="v1", flags={"FastSync": True}, release=LOCAL)


def test_an_unknown_key_is_answered_with_the_nearest_one():
    message = refusal(version="v1", release={**LOCAL, "replica": 3})
    assert "alys:release.replica is no key" in message
    assert "Did you mean 'replicas'?" in message


def test_the_value_of_an_unknown_key_is_not_repeated():
    """It may be a secret in the wrong place."""
    assert "hunter2" not in refusal(version="v1", release=LOCAL, token="hunter2")


def test_a_wrong_type_inside_a_section_is_named_with_its_path():
    message = refusal(version="v1", release={**LOCAL, "timing": {"drain": "long"}})
    assert 'alys:release.timing.drain = "long"' in message


def test_a_section_that_is_no_mapping_is_refused():
    assert "alys:release" in refusal(version="v1", release="hello")


def test_all_mistakes_are_named_at_once():
    message = refusal(version="latest", rollout="101", release={"replicas": 0})
    for key in ("alys:version", "alys:rollout", "alys:release.image", "alys:release.replicas"):
        assert key in message
    assert "4 mistakes" in message


def test_secrets_are_in_no_model():
    found = read(version="v1", release=LOCAL, secrets={"node-key": "planted"})
    assert "planted" not in repr(found)


def alert_secrets(content):
    found = {}

    def program():
        found.update(configuration.read_alert_secrets("test"))

    record(program, config={"alert_secrets": content}, secret_keys=["alert_secrets"])
    return found


def test_where_alerts_go_is_read_by_service():
    assert set(alert_secrets({"slack": "https://hooks.slack.com/x", "pagerduty": "key"})) == {
        "pagerduty",
        "slack",
    }


@pytest.mark.parametrize(
    "content", [{"pigeon": "planted"}, {"slack": ""}, {"slack": 1}, ["planted"], "planted"]
)
def test_a_service_that_alertmanager_does_not_speak_is_refused_without_its_secret(content):
    with pytest.raises(UnusableError) as refused:
        alert_secrets(content)
    assert "pulumi config set --stack test --secret --path alert_secrets.slack" in str(refused.value)
    assert "planted" not in str(refused.value)
