import pytest

from components.rollout import share
from release.gates import Finding, Verdict
from release.outcome import Outcome
from release.past.identity import Identity
from release.telling import notices
from release.telling.notices import Run

DIGEST = "sha256:" + "a" * 64
RUN = Run(
    stack="staging",
    verb="deploy",
    release=Identity(version="v2.0.0", digest=DIGEST),
    before=Identity(version="v1.0.0"),
    by="ada",
    url="https://runs.example/1",
)
FAILED = Finding(gate="error-rate", verdict=Verdict.FAIL, reason="0.2 is above 0.01", query="q", value=0.2)
PASSED = Finding(gate="sync-pace", verdict=Verdict.PASS, reason="175 is within bounds", query="q", value=175)


def test_the_start_says_what_where_and_who():
    notice = notices.started(RUN, (10, 50, 100))
    assert notice.title == "staging: deploy v2.0.0 has started"
    assert notice.body.splitlines() == [
        "v2.0.0@sha256:aaaaaaaaaaaa, before it v1.0.0, by ada",
        "in steps of 10 %, 50 %, 100 %",
        "https://runs.example/1",
    ]


def test_a_step_says_the_true_share_and_the_gates():
    notice = notices.step_done(RUN, step=(1, 3), share=share(3, 10), findings=[PASSED])
    assert notice.title == "staging: v2.0.0 runs on 1 of 3 pods (33 %), step 1 of 3"
    assert "sync-pace: pass: 175 is within bounds" in notice.body


def test_a_rollback_says_why_with_the_figure_of_the_gate_and_what_runs_again():
    notice = notices.ended(
        RUN,
        Outcome.ROLLED_BACK,
        reason="a gate failed",
        back_to=RUN.before,
        findings=[PASSED, FAILED],
        seconds=12.4,
    )
    assert (notice.title, notice.mood) == ("staging: deploy v2.0.0: rolled back", "warning")
    assert notice.body.splitlines()[1:5] == [
        "a gate failed",
        "error-rate: fail: 0.2 is above 0.01",
        "v1.0.0 runs again",
        "after 12 s",
    ]


def test_the_first_release_of_a_stack_has_nothing_before_it():
    first = Run(stack="new", verb="deploy", release=Identity(version="v1"), before=None, by="ada")
    assert notices.ended(first, Outcome.DONE).body == "v1, by ada"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_told(outcome):
    notice = notices.ended(RUN, outcome)
    assert outcome.label in notice.title
    assert (notice.mood == "success") == (outcome is Outcome.DONE)
