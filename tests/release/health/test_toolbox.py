import json

import pytest

from release.health import toolbox
from release.health.checkup import Health


def kubectl(version):
    return json.dumps({"clientVersion": {"gitVersion": version}})


@pytest.mark.parametrize("told", ["v3.250.0", "v3.250.7", "v3.300.1"])
def test_a_cli_of_the_sdk_or_newer_fits(told):
    assert toolbox.judged_pulumi(told, sdk="3.250.0").health is Health.OK


@pytest.mark.parametrize("told", [None, "", "v3.249.9", "v2.300.0", "v4.0.0"])
def test_an_older_cli_one_of_another_major_or_none_is_wrong(told):
    check = toolbox.judged_pulumi(told, sdk="3.250.0")
    assert check.health is Health.WRONG
    assert "make tools" in check.remedy


@pytest.mark.parametrize(("told", "health"), [("v3.22.0", "ok"), ("v4.0.1", "wrong"), (None, "wrong")])
def test_helm_is_of_the_major_that_makes_the_releases(told, health):
    assert toolbox.judged_helm(told).health.value == health


@pytest.mark.parametrize("told", ["v1.35.2", "v1.36.1", "v1.37.0"])
def test_a_kubectl_one_minor_away_fits(told):
    assert toolbox.judged_kubectl(kubectl(told), server="v1.36.1").health is Health.OK


@pytest.mark.parametrize("told", ["v1.34.9", "v1.38.0"])
def test_a_kubectl_two_minors_away_does_not(told):
    check = toolbox.judged_kubectl(kubectl(told), server="v1.36.1-eks-abc")
    assert check.said == f"{told} is more than one minor away from the cluster's v1.36.1-eks-abc"


def test_without_a_cluster_any_kubectl_will_do():
    assert toolbox.judged_kubectl(kubectl("v1.20.0"), server=None).health is Health.OK


@pytest.mark.parametrize("told", [None, "", "{}", "[]", "no json"])
def test_a_kubectl_that_does_not_answer_is_wrong(told):
    assert toolbox.judged_kubectl(told, server=None).health is Health.WRONG


def test_a_command_that_is_missing_or_fails_says_nothing(tmp_path):
    assert toolbox.said(["no-such-command"], {"PATH": str(tmp_path)}) is None
    assert toolbox.said(["false"], {"PATH": "/bin:/usr/bin"}) is None
    assert toolbox.said(["echo", "v1"], {"PATH": "/bin:/usr/bin"}) == "v1"
