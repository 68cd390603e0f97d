import pytest

from local.plugins.helm import flags
from local.plugins.values import UNKNOWN, Secret

RELEASE = {"name": "r", "namespace": "n", "chart": "./chart"}


def test_an_install_waits_unless_told_not_to():
    assert "--wait" in flags.deploy("install", RELEASE, 0)
    assert "--wait" not in flags.deploy("install", RELEASE | {"skipAwait": True}, 0)


@pytest.mark.parametrize(
    ("key", "flag"),
    [
        ("atomic", "--atomic"),
        ("cleanupOnFail", "--cleanup-on-fail"),
        ("disableWebhooks", "--no-hooks"),
        ("forceUpdate", "--force"),
        ("waitForJobs", "--wait-for-jobs"),
    ],
)
def test_a_switch_is_passed_on_when_it_is_on(key, flag):
    assert flag in flags.deploy("upgrade", RELEASE | {key: True}, 0)
    assert flag not in flags.deploy("upgrade", RELEASE | {key: False}, 0)


def test_the_namespace_is_made_only_by_an_install():
    asked = RELEASE | {"createNamespace": True}
    assert "--create-namespace" in flags.deploy("install", asked, 0)
    assert "--create-namespace" not in flags.deploy("upgrade", asked, 0)


@pytest.mark.parametrize(
    ("given", "asked", "seconds"), [(60, 0, "60s"), (60, 90.0, "90s"), (None, 0, "300s")]
)
def test_the_resources_own_timeout_goes_before_the_releases(given, asked, seconds):
    release = RELEASE | ({"timeout": given} if given else {})
    arguments = flags.deploy("upgrade", release, asked)
    assert arguments[arguments.index("--timeout") + 1] == seconds


def test_an_upgrade_forgets_the_last_values():
    assert "--reset-values" in flags.deploy("upgrade", RELEASE, 0)
    assert "--reset-values" not in flags.deploy("upgrade", RELEASE | {"reuseValues": True}, 0)


def test_the_history_is_limited_by_an_upgrade():
    arguments = flags.deploy("upgrade", RELEASE | {"maxHistory": 7}, 0)
    assert arguments[arguments.index("--history-max") + 1] == "7"


def test_no_value_is_among_the_arguments():
    release = RELEASE | {"values": {"password": Secret("hush")}}
    assert not any("hush" in argument for argument in flags.deploy("install", release, 0))


def test_a_fraction_of_a_second_is_refused():
    assert [failure.property for failure in flags.refused(RELEASE | {"timeout": 0.5})] == ["timeout"]


def test_an_unknown_timeout_is_not():
    assert flags.refused(RELEASE | {"timeout": UNKNOWN}) == []


def test_a_release_without_a_chart_is_refused():
    assert [failure.property for failure in flags.refused({"name": "r"})] == ["chart"]


def test_a_password_that_everybody_could_see_is_refused():
    failures = flags.refused(RELEASE | {"repositoryOpts": {"password": Secret("hush")}})
    assert "hush" not in failures[0].reason


def test_rendering_changes_nothing():
    arguments = flags.template(RELEASE | {"atomic": True}, upgrade=True)
    assert arguments[0] == "template"
    assert "--atomic" not in arguments
