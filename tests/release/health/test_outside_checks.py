import json

import httpx
import pytest

from release.health import outside_checks
from release.health.checkup import Health
from release.outside import metrics
from release.outside.prometheus import Prometheus
from release.outside.registry import Absent, Denied, Found, Unreachable
from sections.pin import Pin
from settings import Settings
from tests.release.receiver import Reply

# Apprise's own mail plugin does, with every other plugin, at the first address.
IMPORTS = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
TOKEN = "ghp_planted0123456789abcdef"
IMAGE = "ghcr.io/alys/node"
PIN = Pin.model_validate({"version": "v1.0.0", "digest": "sha256:" + "a" * 64})
NOTHING = Settings.model_validate({})


def asked(receiver, *, status=200, push=True, scopes=None):
    headers = {} if scopes is None else {"X-OAuth-Scopes": scopes}
    body = json.dumps({"permissions": {"push": push}}).encode()
    receiver.answer = lambda _: Reply(status=status, body=body, headers=headers)
    environment = {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "alys/node",
        "GITHUB_API_URL": receiver.address,
    }
    return outside_checks.github(environment, None)


@pytest.mark.parametrize("scopes", ["repo", "read:org, repo_deployment"])
def test_a_classic_token_that_records_deployments_is_well(receiver, scopes):
    assert asked(receiver, scopes=scopes).health is Health.OK
    (request,) = receiver.requests
    assert (request.method, request.path) == ("GET", "/repos/alys/node")


def test_a_token_without_the_scope_is_wrong_and_its_scopes_are_named(receiver):
    check = asked(receiver, scopes="read:org")
    assert check.health is Health.WRONG
    assert "read:org" in check.said
    assert "gh auth refresh --scopes repo_deployment" in check.remedy


def test_a_token_that_may_only_read_there_is_wrong(receiver):
    assert "no write access" in asked(receiver, scopes="repo", push=False).said


def test_a_job_s_own_token_lists_no_rights(receiver):
    check = asked(receiver)
    assert check.health is Health.OK
    assert "doesn't list the rights" in check.said


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_token_that_gets_no_answer_is_wrong(receiver, status):
    assert asked(receiver, status=status, scopes="repo").health is Health.WRONG


def test_a_github_that_can_t_be_reached_is_wrong_and_the_token_in_no_word(nobody):
    check = outside_checks.github(
        {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "alys/node", "GITHUB_API_URL": nobody}, None
    )
    assert check.health is Health.WRONG
    assert TOKEN not in str(check)


def test_without_a_token_nobody_is_asked():
    assert outside_checks.github({}, None).health is Health.NOT_ASKED
    assert outside_checks.github({"GITHUB_TOKEN": TOKEN}, NOTHING).health is Health.NOT_ASKED


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        (Found(digest="sha256:" + "a" * 64), "ok"),
        (Absent(), "wrong"),
        (Denied(), "wrong"),
        (Unreachable(reason="HTTP 502"), "wrong"),
    ],
)
def test_the_registry_has_to_have_what_is_pinned(answer, health):
    check = outside_checks.judged_image(answer, IMAGE, PIN)
    assert check.health.value == health
    assert bool(check.remedy) == (health == "wrong")


def prometheus(address):
    with httpx.Client(base_url=address) as http:
        return outside_checks.prometheus(lambda: Prometheus(http=http), stack="staging")


def test_a_prometheus_that_answers_is_well(receiver):
    body = b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"1"]}]}}'
    receiver.answer = lambda _: Reply(body=body)
    assert prometheus(receiver.address).health is Health.OK


def test_a_prometheus_that_is_down_is_wrong(nobody):
    """Fault 8, seen before it happens."""
    check = prometheus(nobody)
    assert check.health is Health.WRONG
    assert "Pulumi.staging.yaml" in check.remedy


def test_where_there_is_no_prometheus_the_yaml_that_names_one_is_said():
    nowhere = outside_checks.prometheus(
        lambda: metrics.prometheus({}, NOTHING, None, stack="staging"), stack="staging"
    )
    assert nowhere.health is Health.WRONG
    assert "alys:strategy" in nowhere.remedy


def test_the_clock_of_a_registry_is_its_answer_s_date(receiver):
    host = receiver.address.removeprefix("http://")
    check = outside_checks.registry_clock(f"{host}/alys/node")
    assert (check.health, check.said) == (Health.OK, "agrees with this machine's")
    assert [request.path for request in receiver.requests] == ["/v2/"]


def test_a_registry_that_is_down_has_no_clock(nobody):
    host = nobody.removeprefix("http://")
    assert outside_checks.registry_clock(f"{host}/alys/node").health is Health.NOT_ASKED


@IMPORTS
def test_channels_are_parsed_and_nothing_is_sent(receiver):
    address = receiver.address.replace("http://", "json://")
    assert outside_checks.channels({"ALYS_NOTIFY": address}).health is Health.OK
    assert receiver.requests == []


@IMPORTS
def test_an_address_that_can_t_be_meant_is_wrong_and_never_said():
    check = outside_checks.channels({"ALYS_NOTIFY": "nowhere://token0123456789"})
    assert check.health is Health.WRONG
    assert "token0123456789" not in str(check)


def test_no_channel_is_nothing_wrong():
    assert outside_checks.channels({}).health is Health.NOT_ASKED
