"""What the release driver's own clients send, taken by the demo's stand-in over real HTTP."""

from types import SimpleNamespace

import httpx
import pytest
from apprise.plugins.custom_json import NotifyJSON

from local.demo.receiver import receiving
from release.outcome import Outcome
from release.outside import courier, github, notifications
from release.outside.courier import Courier
from release.outside.github import Deployments, Place
from release.telling import records
from release.telling.notices import Notice
from release.telling.redaction import Redactor

# Apprise's own mail plugin imports it, with every other plugin, at the first address.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
PATIENT = 60


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def recorded(receiver):
    """Sends steps of a run to the receiver; every one of them must be delivered."""

    def _recorded(*steps, environment="local", repository="alys/node"):
        carrier = Courier(receiver="GitHub", limit=PATIENT)
        client = github.connect(token="planted", api=receiver.github, limit=PATIENT)
        place = Place(
            repository=repository,
            environment=environment,
            log_url="https://logs.example/1",
            url="https://node.example",
        )
        deployments = Deployments(github=client, place=place, courier=carrier)
        for step in steps:
            step(deployments)
        courier.send_home([carrier], limit=PATIENT)
        assert carrier.failures == []

    return _recorded


def begin(deployments):
    assert deployments.begin(ref="main", description="v2 to local", payload={"version": "v2"})


def end(outcome):
    return lambda deployments: deployments.end(outcome, "ended")


def states(receiver):
    return [[said.state for said in receiver.states(made.number)] for made in receiver.deployments]


def test_a_driver_with_its_environment_sends_everything_here(receiver):
    settings = SimpleNamespace(github=None)
    opened = records.open_records(receiver.environment, settings, stack="local", redactor=Redactor())
    assert opened.deployments._github.config.base_url.host == "127.0.0.1"
    assert opened.deployments._github.config.base_url.port == receiver.port
    assert [channel.service.url() for channel in opened.channels] == [
        NotifyJSON(host="127.0.0.1", port=receiver.port).url()
    ]


def test_a_message_arrives_with_its_mood(receiver):
    channels = notifications.channels([receiver.channel], limit=PATIENT)
    notice = Notice(title="v2 has started", body="by ada\nin steps", mood="warning")
    notifications.tell(channels, notice, redactor=Redactor())
    courier.send_home([channel.courier for channel in channels], limit=PATIENT)
    (message,) = receiver.messages
    assert (message.title, message.body, message.mood) == (notice.title, notice.body, "warning")


def test_a_deployment_is_kept_with_all_that_was_said_of_it(receiver, recorded):
    recorded(begin, end(Outcome.ROLLED_BACK))
    (made,) = receiver.deployments
    assert (made.ref, made.description, made.payload) == ("main", "v2 to local", {"version": "v2"})
    assert states(receiver) == [["in_progress", "failure"]]
    last = receiver.states(made.number)[-1]
    assert (last.log_url, last.environment_url) == ("https://logs.example/1", "https://node.example")


def test_a_success_makes_the_one_before_it_inactive(receiver, recorded):
    recorded(begin, end(Outcome.DONE))
    recorded(begin, end(Outcome.DONE))
    assert states(receiver) == [["in_progress", "success", "inactive"], ["in_progress", "success"]]


@pytest.mark.parametrize("elsewhere", [{"environment": "staging"}, {"repository": "alys/other"}])
def test_a_success_elsewhere_changes_nothing_here(receiver, recorded, elsewhere):
    recorded(begin, end(Outcome.DONE))
    recorded(begin, end(Outcome.DONE), **elsewhere)
    assert states(receiver) == [["in_progress", "success"]] * 2


def test_what_a_killed_run_left_in_progress_is_seen_and_ended(receiver, recorded):
    recorded(begin)
    recorded(lambda deployments: deployments.mend())
    assert states(receiver) == [["in_progress", "error"]]


def test_messages_and_states_stay_in_the_order_in_which_they_came(receiver, recorded):
    recorded(begin)
    httpx.post(f"{receiver.github}/", json={"title": "between", "message": "", "type": "info"})
    recorded(lambda deployments: deployments.mend())
    assert [type(one).__name__ for one in receiver.received] == ["Deployment", "State", "Message", "State"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/repos/alys/node/deployments/7/statuses", None, 404),
        ("POST", "/repos/alys/node/deployments/7/statuses", {"state": "success"}, 404),
        ("POST", "/repos/alys/node/deployments", {"ref": ""}, 422),
        ("POST", "/repos/alys/node/deployments", [], 400),
        ("GET", "/repos/alys/node/issues", None, 404),
        ("GET", "/", None, 404),
    ],
)
def test_what_github_would_not_take_is_refused_and_not_kept(receiver, method, path, body, status):
    answer = httpx.request(method, receiver.github + path, json=body)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert receiver.received == []


def test_an_unknown_state_is_refused(receiver, recorded):
    recorded(begin)
    (made,) = receiver.deployments
    path = f"/repos/alys/node/deployments/{made.number}/statuses"
    assert httpx.post(receiver.github + path, json={"state": "splendid"}).status_code == 422
    assert states(receiver) == [["in_progress"]]


def test_it_says_that_it_is_a_stand_in(receiver):
    created = httpx.post(f"{receiver.github}/repos/alys/node/deployments", json={"ref": "main"})
    assert created.headers["Server"] == "alys-stand-in"
    assert created.json()["creator"]["login"] == "alys-stand-in"
