"""Faults 8, 9 and 11 over real HTTP; the answers of a real Prometheus are in `test_prometheus_real.py`."""

import json
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.gates import QueryFailure
from release.outside import prometheus
from release.outside.prometheus import Prometheus
from tests.release.receiver import Reply


def vector(*values, **more):
    result = [{"metric": {}, "value": [1700000000.0, value]} for value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}, **more}


@pytest.fixture
def asking(receiver):
    def _ask(reply, limit=30.0):
        receiver.answer = lambda _: reply
        with httpx.Client(base_url=receiver.address) as http:
            return Prometheus(http=http, limit=limit).ask('up{a="b&c"}')

    return _ask


def answered(payload, **options):
    return Reply(body=json.dumps(payload).encode(), **options)


def test_the_query_arrives_as_it_is(asking, receiver):
    assert asking(answered(vector("1.5"))) == (1.5,)
    (request,) = receiver.requests
    assert (request.method, request.path) == ("POST", "/api/v1/query")
    assert parse_qs(request.body.decode()) == {"query": ['up{a="b&c"}']}


def test_every_series_is_told():
    assert prometheus.values(200, json.dumps(vector("1", "2")).encode()) == (1.0, 2.0)


def test_nothing_is_an_empty_answer_and_no_failure(asking):
    assert asking(answered(vector())) == ()


def test_infinity_is_read_as_it_is():
    assert prometheus.values(200, json.dumps(vector("+Inf", "-Inf")).encode()) == (
        float("inf"),
        float("-inf"),
    )


def test_a_remark_on_the_query_is_no_warning():
    remarked = vector("1", warnings=["PromQL info: metric might not be a counter"])
    assert prometheus.values(200, json.dumps(remarked).encode()) == (1.0,)


FAILURES = {
    "warnings": (200, vector("1", warnings=["a store is away"]), "isn't whole: a store is away"),
    "error": (
        400,
        {"status": "error", "errorType": "bad_data", "error": "parse error"},
        "bad_data: parse error",
    ),
    "error with 200": (200, {"status": "error", "errorType": "x", "error": "y"}, "x: y"),
    "success with 500": (500, vector("1"), "HTTP 500"),
    "unavailable": (
        503,
        {"status": "error", "errorType": "unavailable", "error": ""},
        "HTTP 503: unavailable",
    ),
    "matrix": (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}, "gave a matrix"),
    "scalar": (
        200,
        {"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}},
        "gave a scalar",
    ),
    "number as number": (200, vector(1), "nothing that can be read"),
    "text as number": (200, vector("one"), "nothing that can be read"),
    "no data": (200, {"status": "success"}, "nothing that can be read"),
    "list": (200, [], "nothing that can be read"),
    "null": (200, None, "nothing that can be read"),
}


@pytest.mark.parametrize(("status", "payload", "says"), FAILURES.values(), ids=FAILURES)
def test_an_answer_of_another_form_is_a_failure_that_says_what_came(asking, status, payload, says):
    answer = asking(answered(payload, status=status))
    assert isinstance(answer, QueryFailure)
    assert says in answer.reason


@pytest.mark.parametrize("body", [b"", b"<html>502</html>", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_failure(asking, body):
    assert isinstance(asking(Reply(body=body)), QueryFailure)


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_bytes_make_it_raise(body, status):
    assert isinstance(prometheus.values(status, body), QueryFailure)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "data", "resultType", "result", "value", "warnings"]),
            inner,
            max_size=4,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["data", "warnings", "error"]), json_values))
def test_no_json_makes_it_raise_or_gives_anything_but_numbers(answer):
    got = prometheus.values(200, json.dumps({"status": "success", **answer}).encode())
    assert isinstance(got, QueryFailure) or all(isinstance(value, float) for value in got)


def test_an_oversized_body_is_a_failure_and_not_read_to_its_end(asking):
    answer = asking(Reply(body=b" " * 3_000_000))
    assert answer == QueryFailure(reason="Prometheus answered with more than 1,000,000 bytes")


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_hanging_server_is_given_up(asking, how):
    answer = asking(Reply(**{how: True}), limit=0.2)
    assert isinstance(answer, QueryFailure)


def test_a_server_that_is_down_is_a_failure(nobody):
    with httpx.Client(base_url=nobody) as http:
        answer = Prometheus(http=http).ask("up")
    assert isinstance(answer, QueryFailure)
    assert "can't be asked" in answer.reason
