import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci import conclusion
from ci.report import Refusal

RESULTS = st.sampled_from(["success", "failure", "cancelled", "skipped"])


def needs(**results):
    return {name: {"result": result, "outputs": {}} for name, result in results.items()}


@given(st.dictionaries(st.text("abc", min_size=1), RESULTS, min_size=1))
def test_only_success_is_success(results):
    assert set(conclusion.verdict(needs(**results))) == {n for n, r in results.items() if r != "success"}


@pytest.mark.parametrize("result", ["skipped", "cancelled", "failure", None])
def test_a_job_that_did_not_succeed_is_named(result, monkeypatch):
    monkeypatch.setenv("NEEDS", json.dumps(needs(unit="success", lint=result)))
    with pytest.raises(Refusal, match=rf"not every job succeeded: lint \({result}\)$"):
        conclusion.conclude()


def test_nothing_at_all_is_no_success(monkeypatch):
    monkeypatch.setenv("NEEDS", "{}")
    with pytest.raises(Refusal, match="nothing that could have succeeded"):
        conclusion.conclude()
