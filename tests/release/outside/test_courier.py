import threading

import pytest

from release.outside import courier
from release.outside.courier import Courier

PATIENT = 60


def sent_home(carrier, limit=PATIENT):
    courier.send_home([carrier], limit=limit)
    return carrier.failures


def test_messages_arrive_in_order():
    arrived = []
    carrier = Courier(receiver="Slack", limit=PATIENT)
    for number in range(20):
        carrier.send("a message", lambda number=number: arrived.append(number))
    assert sent_home(carrier) == []
    assert arrived == list(range(20))


def test_sending_waits_for_nobody():
    """Sending comes back while the receiver still hangs: else this would hang too."""
    over = threading.Event()
    carrier = Courier(receiver="Slack", limit=PATIENT)
    carrier.send("a message", over.wait)
    over.set()
    assert sent_home(carrier) == []


def test_waiting_sees_what_was_sent_before():
    arrived = []
    carrier = Courier(receiver="Slack", limit=PATIENT)
    carrier.send("a message", lambda: arrived.append(1))
    assert carrier.wait()
    assert arrived == [1]


def test_a_message_that_fails_is_told_and_the_next_one_arrives(caplog):
    arrived = []
    carrier = Courier(receiver="Slack", limit=PATIENT)
    carrier.send("the start", lambda: 1 / 0)
    carrier.send("the end", lambda: arrived.append(1))
    assert sent_home(carrier) == ["Slack: the start was not delivered: division by zero"]
    assert arrived == [1]
    assert caplog.messages == carrier.failures


def test_a_hanging_receiver_is_given_up_and_the_next_message_is_tried():
    over, arrived = threading.Event(), []
    carrier = Courier(receiver="Slack", limit=0.05)
    carrier.send("the start", over.wait)
    carrier.send("the end", lambda: arrived.append(1))
    failures = sent_home(carrier)
    over.set()
    assert failures == ["Slack: the start was not delivered: no answer within 0.05 s"]
    assert arrived == [1]


def test_many_messages_to_hanging_receivers_share_one_limit(monkeypatch):
    """Not the limit for each message, nor for each receiver."""
    given = []
    over = threading.Event()
    monkeypatch.setattr(Courier, "join", lambda _, seconds: given.append(seconds))
    couriers = [Courier(receiver=name, limit=PATIENT) for name in ("Slack", "Discord")]
    for carrier in couriers:
        for _ in range(5):
            carrier.send("a message", over.wait)
    courier.send_home(couriers, limit=5)
    over.set()
    assert all(0 <= seconds <= 5 for seconds in given)
    assert given[1] <= given[0]


def test_what_is_on_its_way_at_the_end_is_told():
    over = threading.Event()
    carrier = Courier(receiver="Slack", limit=PATIENT)
    carrier.send("a message", over.wait)
    failures = sent_home(carrier, limit=0.05)
    over.set()
    assert failures == ["Slack: messages are still on their way: no answer within 60 s"]


def test_waiting_for_a_hanging_receiver_ends():
    over = threading.Event()
    carrier = Courier(receiver="Slack", limit=0.05)
    carrier.send("a message", over.wait)
    carrier.send("a message", over.wait)
    assert not carrier.wait()
    over.set()


@pytest.mark.parametrize("error", [KeyError("x"), TimeoutError(), OSError(5, "x")])
def test_no_error_of_a_receiver_gets_out(error):
    def fail():
        raise error

    carrier = Courier(receiver="Slack", limit=PATIENT)
    carrier.send("a message", fail)
    assert len(sent_home(carrier)) == 1
