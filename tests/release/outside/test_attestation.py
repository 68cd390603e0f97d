import dataclasses

import pytest

from release.errors import RefusedError
from release.outside.attestation import (
    Missing,
    Refused,
    Statement,
    Unavailable,
    Verified,
    judge,
    must_be_attested,
)
from sections.registry import Attestation

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = "ghcr.io/alys/node"
WANTED = Attestation(repository="alys/alys", workflow="alys/alys-release/.github/workflows/image.yml")
GENUINE = Statement(
    digests=frozenset({DIGEST}),
    kind="https://slsa.dev/provenance/v1",
    repository="https://github.com/alys/alys",
    workflow="https://github.com/alys/alys-release/.github/workflows/image.yml",
    ref="refs/tags/v1.0.0",
    commit="c" * 40,
    run="https://github.com/alys/alys/actions/runs/1",
)
GOOD = Verified(commit=GENUINE.commit, run=GENUINE.run)


def judged(*found, **wanted):
    return judge(found, DIGEST, WANTED.model_copy(update=wanted))


def changed(**how):
    return dataclasses.replace(GENUINE, **how)


def test_what_the_workflow_built_is_verified_and_its_run_is_known():
    assert judged(GENUINE) == GOOD


def test_names_are_the_same_in_either_case():
    assert judged(GENUINE, repository="Alys/ALYS") == GOOD


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"digests": frozenset({OTHER})}, "another image"),
        ({"kind": "https://spdx.dev/Document"}, "how it was built"),
        ({"repository": "https://github.com/alys/alys-fork"}, "alys/alys-fork"),
        ({"repository": "https://github.com.evil.example/alys/alys"}, "github.com.evil.example"),
        ({"workflow": "https://github.com/alys/alys/.github/workflows/image.yml"}, "alys/alys/.github"),
        ({"ref": "refs/heads/a-branch"}, "refs/heads/a-branch"),
        ({"ref": "refs/pull/1/merge"}, "refs/pull/1/merge"),
    ],
    ids=["digest", "kind", "repository", "host", "workflow", "branch", "pull request"],
)
def test_what_somebody_else_built_is_refused_with_who_it_was(how, says):
    answer = judged(changed(**how))
    assert isinstance(answer, Refused)
    assert says in answer.reasons[0]


def test_one_good_attestation_among_others_is_enough():
    assert judged("it can't be read", changed(ref="refs/heads/a-branch"), GENUINE) == GOOD


def test_each_reason_is_said_once():
    answer = judged("it can't be read", "it can't be read", changed(digests=frozenset()))
    assert answer == Refused(reasons=("it can't be read", "it is about another image"))


def test_no_attestation_is_missing():
    assert judged() == Missing()


def test_the_refs_are_the_stack_files():
    assert judged(changed(ref="refs/heads/release/2"), refs=("refs/heads/release/*",)) == GOOD


def test_what_is_verified_goes_on():
    assert must_be_attested(IMAGE, DIGEST, WANTED, GOOD) == GOOD


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Refused(reasons=("one", "two")), ["one; two", "alys:registry.attestation"]),
        (Missing(), ["no attestation", "gh run list --repo alys/alys"]),
        (Unavailable(reason="HTTP 500"), ["HTTP 500", "release rollback STACK --emergency"]),
    ],
)
def test_anything_else_is_refused_with_its_remedy(answer, says):
    with pytest.raises(RefusedError) as refused:
        must_be_attested(IMAGE, DIGEST, WANTED, answer)
    asked = f"gh attestation verify oci://{IMAGE}@{DIGEST} --repo alys/alys --signer-workflow alys/alys-rel"
    for part in (f"{IMAGE}@{DIGEST}", "nothing was changed", asked, *says):
        assert part in str(refused.value)
