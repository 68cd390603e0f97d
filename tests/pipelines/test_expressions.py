"""The tests' own reading of GitHub's expressions, by what GitHub's pages say of each."""

import pytest

from tests.pipelines.expressions import holds, resolve, value

CONTEXTS = {
    "github": {"event_name": "push", "ref": "refs/heads/main", "event": {"before": "abc"}},
    "needs": {"plan": {"outputs": {"push": "true", "image": "a/b", "include": '[{"stack": "x"}]'}}},
    "inputs": {"unlock": True, "version": ""},
    "vars": {"RUNNER_staging": "own"},
    "matrix": {"stack": "staging"},
}


@pytest.mark.parametrize(
    ("expression", "is_"),
    [
        ("github.event_name == 'push'", True),
        ("github.event_name == 'PUSH'", True),
        ("github.event_name != 'push'", False),
        ("github.event.pull_request.head.repo.fork", None),
        ("!github.event.pull_request.head.repo.fork", True),
        ("github.event.pull_request.number == ''", True),
        ("inputs.unlock == 'true'", False),
        ("inputs.unlock && 'yes' || 'no'", "yes"),
        ("inputs.version && 'yes' || 'no'", "no"),
        ("inputs.version || 'the pin'", "the pin"),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("!inputs.unlock == false", True),
        ("'it''s'", "it's"),
        ("format('{0}@{1}', needs.plan.outputs.image, 'x')", "a/b@x"),
        ("vars[format('RUNNER_{0}', matrix.stack)] || 'ubuntu-24.04'", "own"),
        ("fromJSON(needs.plan.outputs.include)", [{"stack": "x"}]),
    ],
)
def test_an_expression_is_what_github_says(expression, is_):
    assert value(expression, CONTEXTS) == is_


@pytest.mark.parametrize("expression", ["github.ref <= 'x'", "hashFiles('x')", "true false", "env.X"])
def test_what_the_tests_do_not_know_fails_them(expression):
    with pytest.raises(AssertionError, match=r"the tests can't evaluate|the test has given no"):
        value(expression, CONTEXTS)


@pytest.mark.parametrize(
    ("condition", "after"),
    [
        (None, {"success"}),
        ("${{ inputs.unlock }}", {"success"}),
        ("inputs.unlock", {"success"}),
        ("${{ always() }}", {"success", "failure", "cancelled"}),
        ("${{ !cancelled() }}", {"success", "failure"}),
        ("${{ failure() }}", {"failure"}),
        ("${{ inputs.version }}", set()),
    ],
)
def test_a_condition_that_asks_for_no_status_asks_for_success(condition, after):
    assert {one for one in ("success", "failure", "cancelled") if holds(condition, CONTEXTS, one)} == after


def test_a_text_is_filled_in():
    text = "${{ github.ref }}-${{ inputs.unlock }}-${{ inputs.version }}"
    assert resolve(text, CONTEXTS) == "refs/heads/main-true-"
