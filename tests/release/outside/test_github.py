"""How the records behave with a GitHub that doesn't; that they are what it wants is in `tests/github_api`."""

import json
import logging

import pytest

from release.outcome import Outcome
from release.outside import courier, github
from release.outside.courier import Courier
from release.outside.github import STATES, Deployments, Place
from tests.release.receiver import Reply

TOKEN = "ghs_planted0123456789abcdef"
PATIENT = 60
PLACE = Place(
    repository="alys/node",
    environment="production",
    log_url="https://logs.example/1",
    url="https://node.example",
)
USER = {"login": "ada", "id": 1, "node_id": "x", "avatar_url": "", "gravatar_id": "", "type": "User"}
URLS = "html followers following gists starred subscriptions organizations repos events received_events"
USER |= {"site_admin": False, "url": "https://x.example"}
USER |= {f"{name}_url": "https://x.example" for name in URLS.split()}


def deployment(number):
    return {
        "url": "https://x.example",
        "id": number,
        "node_id": "x",
        "sha": "a" * 40,
        "ref": "main",
        "task": "deploy",
        "payload": {},
        "environment": "production",
        "description": "d",
        "creator": USER,
        "created_at": "2026-11-24T00:00:00Z",
        "updated_at": "2026-11-24T00:00:00Z",
        "statuses_url": "https://x.example",
        "repository_url": "https://x.example",
    }


def status(state):
    return {
        "url": "https://x.example",
        "id": 1,
        "node_id": "x",
        "state": state,
        "creator": USER,
        "description": "d",
        "target_url": "",
        "created_at": "2026-11-24T00:00:00Z",
        "updated_at": "2026-11-24T00:00:00Z",
        "deployment_url": "https://x.example",
        "repository_url": "https://x.example",
    }


@pytest.fixture
def hub(receiver):
    """A GitHub with three older deployments, whose newest states are these."""
    states = {11: "success", 12: "in_progress", 13: "failure"}
    made = []

    def answer(request):
        path = request.path.partition("?")[0]
        if request.method == "POST":
            made[:] = [14]
            created = (
                status(json.loads(request.body)["state"]) if path.endswith("statuses") else deployment(14)
            )
            return Reply(status=201, body=json.dumps(created).encode())
        if path.endswith("statuses"):
            return Reply(body=json.dumps([status(states[int(path.split("/")[-2])])]).encode())
        return Reply(body=json.dumps([deployment(number) for number in (*made, *states)]).encode())

    receiver.answer = answer
    return receiver


def recording(address, limit=PATIENT):
    carrier = Courier(receiver="GitHub", limit=limit)
    client = github.connect(token=TOKEN, api=address, limit=limit)
    return Deployments(github=client, place=PLACE, courier=carrier), carrier


def begin(deployments):
    return deployments.begin(ref="main", description="v2", payload={"version": "v2"})


def posted(receiver):
    """What was said, in order: of which deployment, and the state."""
    said = [(r.path.split("/"), json.loads(r.body)) for r in receiver.requests if r.method == "POST"]
    return [(int(path[-2]), body["state"]) for path, body in said if path[-1] == "statuses"]


def test_the_deployment_is_there_before_anything_is_changed(hub):
    deployments, carrier = recording(hub.address)
    assert begin(deployments)
    assert [r.path for r in hub.requests] == [
        "/repos/alys/node/deployments",
        "/repos/alys/node/deployments/14/statuses",
    ]
    assert json.loads(hub.requests[0].body) == {
        "ref": "main",
        "task": "deploy",
        "auto_merge": False,
        "required_contexts": [],
        "payload": {"version": "v2"},
        "environment": "production",
        "production_environment": False,
        "description": "v2",
    }
    courier.send_home([carrier])


def test_a_success_takes_the_place_of_what_succeeded_before(hub):
    deployments, carrier = recording(hub.address)
    begin(deployments)
    deployments.end(Outcome.DONE, "done")
    courier.send_home([carrier], limit=PATIENT)
    assert carrier.failures == []
    assert posted(hub) == [(14, "in_progress"), (14, "success"), (11, "inactive")]


def test_a_rollback_leaves_what_succeeded_before_in_its_place(hub):
    deployments, carrier = recording(hub.address)
    begin(deployments)
    deployments.end(Outcome.ROLLED_BACK, "gate failed")
    courier.send_home([carrier], limit=PATIENT)
    assert posted(hub) == [(14, "in_progress"), (14, "failure")]


def test_the_log_and_the_environment_are_linked(hub):
    deployments, carrier = recording(hub.address)
    begin(deployments)
    deployments.say("success", "done")
    courier.send_home([carrier], limit=PATIENT)
    said = json.loads(hub.requests[-1].body)
    assert (said["log_url"], said["environment_url"]) == ("https://logs.example/1", "https://node.example")


def test_a_deployment_that_a_killed_run_left_in_progress_is_ended(hub):
    deployments, carrier = recording(hub.address)
    deployments.mend()
    courier.send_home([carrier], limit=PATIENT)
    assert posted(hub) == [(12, "error")]


def test_every_outcome_has_a_state():
    assert set(STATES) == set(Outcome)


def test_a_short_pause_that_github_asks_for_is_made(hub):
    """Fault 12."""
    whole, asked = hub.answer, []

    def limited(request):
        asked.append(request)
        refusal = Reply(status=429, headers={"Retry-After": "0"}, body=b"{}")
        return refusal if len(asked) == 1 else whole(request)

    hub.answer = limited
    deployments, carrier = recording(hub.address)
    assert begin(deployments)
    courier.send_home([carrier], limit=PATIENT)
    assert carrier.failures == []


BROKEN = {
    "429 for an hour": Reply(status=429, headers={"Retry-After": "3600"}, body=b"{}"),
    "403 for an hour": Reply(status=403, headers={"Retry-After": "3600"}, body=b"{}"),
    "403": Reply(status=403, body=b'{"message": "Resource not accessible by integration"}'),
    "odd Retry-After": Reply(status=429, headers={"Retry-After": "soon"}, body=b"{}"),
    "500": Reply(status=500),
    "no JSON": Reply(status=201, body=b"<html>"),
    "other JSON": Reply(status=201, body=b"{}"),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
def test_a_failing_github_ends_nothing_and_each_message_is_told_to_be_lost(receiver, reply, caplog):
    receiver.answer = lambda _: reply
    deployments, carrier = recording(receiver.address)
    assert begin(deployments)
    deployments.end(Outcome.DONE, "done")
    courier.send_home([carrier], limit=PATIENT)
    assert [failure.split(": ")[1] for failure in carrier.failures] == [
        "the deployment was not delivered",
        "deployment state in_progress was not delivered",
        "deployment state success was not delivered",
        "retiring older deployments was not delivered",
    ]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_hanging_github_is_given_up(receiver, how, caplog):
    receiver.answer = lambda _: Reply(**{how: True})
    caplog.set_level(logging.DEBUG)
    deployments, carrier = recording(receiver.address, limit=0.2)
    begin(deployments)
    courier.send_home([carrier], limit=PATIENT)
    assert carrier.failures
    assert TOKEN not in caplog.text


def test_a_github_that_is_down_is_told(nobody):
    deployments, carrier = recording(nobody)
    begin(deployments)
    courier.send_home([carrier], limit=PATIENT)
    assert len(carrier.failures) == 2
