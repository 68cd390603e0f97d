"""Fault 12: apprise's own Slack and Discord against a receiver on this machine, over real HTTP."""

import json
import logging

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack

from release.errors import UsageError
from release.outside import courier, notifications
from release.telling.notices import Notice
from release.telling.redaction import Redactor
from tests.release.receiver import Reply

# Apprise's own mail plugin imports it, with every other plugin, at the first address.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
PATIENT = 60
TOKENS = "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
NOTICE = Notice(title="staging: v2 has started", body="by ada\nin steps", mood="warning")


@pytest.fixture
def told(receiver, monkeypatch, caplog):
    """Tells a notice to addresses, whose services stand at the receiver; gives what failed."""
    monkeypatch.setattr(NotifySlack, "webhook_url", f"{receiver.address}/slack")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"{receiver.address}/discord")
    caplog.set_level(logging.DEBUG)

    def _told(*addresses, notice=NOTICE, limit=PATIENT, redactor=None):
        channels = notifications.channels(addresses, limit=limit)
        notifications.tell(channels, notice, redactor=redactor or Redactor())
        couriers = [channel.courier for channel in channels]
        courier.send_home(couriers, limit=PATIENT)
        return [failure for carrier in couriers for failure in carrier.failures]

    return _told


def test_slack_gets_the_notice(told, receiver):
    receiver.answer = lambda _: Reply(body=b"ok")
    assert told(f"slack://{TOKENS}") == []
    (request,) = receiver.requests
    assert request.path == f"/slack/{TOKENS}"
    assert "staging: v2 has started" in request.body.decode()
    assert "in steps" in request.body.decode()


def test_discord_gets_the_notice(told, receiver):
    receiver.answer = lambda _: Reply(status=204)
    assert told("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js") == []
    (request,) = receiver.requests
    assert request.path.startswith("/discord/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    assert "staging: v2 has started" in request.body.decode()


def test_any_other_receiver_gets_the_notice_with_its_mood(told, receiver):
    assert told(f"json://{receiver.address.removeprefix('http://')}/hook") == []
    (request,) = receiver.requests
    said = json.loads(request.body)
    assert (said["title"], said["message"], said["type"]) == (NOTICE.title, NOTICE.body, "warning")


def test_a_fixed_thread_is_written_to_where_the_channel_can(told, receiver):
    receiver.answer = lambda _: Reply(status=204)
    told("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?thread=42")
    assert "thread_id=42" in receiver.requests[0].path


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply(status=403, body=TOKENS.encode()),
        Reply(status=404),
        Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}),
    ],
    ids=["500", "403", "404", "302"],
)
def test_a_failing_channel_is_told_by_its_name_and_without_its_token(told, receiver, caplog, reply):
    receiver.answer = lambda _: reply
    assert told(f"slack://{TOKENS}") == [
        "Slack (1): 'staging: v2 has started' was not delivered: its service did not take it"
    ]
    for token in TOKENS.split("/"):
        assert token not in caplog.text


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_hanging_channel_takes_nothing_from_the_others(told, receiver, caplog, how):
    def answer(request):
        return Reply(**{how: True}) if request.path.startswith("/slack") else Reply(status=200)

    receiver.answer = answer
    failures = told(f"slack://{TOKENS}", f"json://{receiver.address.removeprefix('http://')}/hook", limit=0.5)
    assert [request.path for request in receiver.requests if request.path == "/hook"] == ["/hook"]
    assert [failure.partition(":")[0] for failure in failures] == ["Slack (1)"]
    assert TOKENS.split("/")[2] not in caplog.text


def test_a_channel_that_is_down_is_told(told, nobody):
    (failure,) = told(f"json://{nobody.removeprefix('http://')}/t0k3n0123")
    assert "was not delivered" in failure
    assert "t0k3n0123" not in failure


def test_a_secret_in_a_notice_is_hidden(told, receiver):
    """Fault 27."""
    notice = Notice(title="t", body="why: planted-secret-1", mood="failure")
    told(
        f"json://{receiver.address.removeprefix('http://')}",
        notice=notice,
        redactor=Redactor(["planted-secret-1"]),
    )
    assert b"planted" not in receiver.requests[0].body


def test_a_name_calls_nobody(told, receiver):
    notice = Notice(title="by @everyone", body="<!channel> @here", mood="info")
    told(f"json://{receiver.address.removeprefix('http://')}", notice=notice)
    said = json.loads(receiver.requests[0].body)
    assert (said["title"], said["message"]) == ("by everyone", "< !channel> here")


@pytest.mark.parametrize("address", ["planted-secret", "nothing://planted-secret", "slack://planted-secret"])
def test_an_address_that_can_not_be_meant_is_refused_and_not_repeated(address, caplog):
    with pytest.raises(UsageError) as raised:
        notifications.from_environment({"ALYS_NOTIFY": f"json://localhost/ {address}"})
    assert "Address 2" in str(raised.value)
    assert "planted" not in str(raised.value) + caplog.text


def test_without_addresses_nobody_is_told():
    assert notifications.from_environment({}) == ()
