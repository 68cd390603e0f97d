"""Whose build an image is: what its attestations say, and whether that is whose builds are deployed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from release.errors import RefusedError, shown
from sections.registry import Attestation

GITHUB = "https://github.com/"
HOW_IT_WAS_BUILT = "https://slsa.dev/provenance/"
"""Beginning of the kind of statement that says it; a list of parts, say, is none."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What an attestation says, its signature verified."""

    digests: frozenset[str]
    """Of what it is about."""
    kind: str
    """Of what it says: `https://slsa.dev/provenance/v1`."""
    repository: str
    """That was built: `https://github.com/alys/alys`."""
    workflow: str
    """That built and signed it, without its ref: `https://github.com/alys/ci/.github/workflows/image.yml`."""
    ref: str
    """Of the repository that was built: `refs/heads/main`."""
    commit: str
    run: str
    """Address of the run that built it."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """It was built by whom it should be."""

    commit: str
    run: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """It has attestations, and none of them will do."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Nobody attests it, or nobody that we may see."""


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """There is no answer to lean on."""

    reason: str


Answer = Verified | Refused | Missing | Unavailable


def judge(found: Sequence[Statement | str], digest: str, wanted: Attestation) -> Answer:
    """One statement that will do is enough; a text is why an attestation says nothing."""
    if not found:
        return Missing()
    reasons: list[str] = []
    for one in found:
        against = one if isinstance(one, str) else objection(one, digest, wanted)
        if not against and isinstance(one, Statement):
            return Verified(commit=one.commit, run=one.run)
        reasons.append(against)
    return Refused(reasons=tuple(dict.fromkeys(reasons)))


def objection(statement: Statement, digest: str, wanted: Attestation) -> str:
    """Why a statement won't do; nothing where it will."""
    if digest not in statement.digests:
        return "it is about another image"
    if not statement.kind.startswith(HOW_IT_WAS_BUILT):
        return f"it doesn't say how it was built, but is a {shown(statement.kind)}"
    # GitHub's names are the same in either case.
    if statement.repository.lower() != f"{GITHUB}{wanted.repository}".lower():
        return f"it was built from {_named(statement.repository)}"
    if statement.workflow.lower() != f"{GITHUB}{wanted.workflow}".lower():
        return f"it was built by {_named(statement.workflow)}"
    if not any(fnmatchcase(statement.ref, pattern) for pattern in wanted.refs):
        return f"it was built from {shown(statement.ref)}, which is none of {', '.join(wanted.refs)}"
    return ""


def must_be_attested(image: str, digest: str, wanted: Attestation, answer: Answer) -> Verified:
    """What is known of a build that may be deployed.

    Raises `RefusedError` where it was built by somebody else, or nothing is known of it.
    """
    where = f"{image}@{digest}"
    look = (
        f"Look yourself:  gh attestation verify oci://{where} --repo {wanted.repository} "
        f"--signer-workflow {wanted.workflow}"
    )
    go_back = "To go back needs no attestation:  release rollback STACK --emergency"
    match answer:
        case Verified():
            return answer
        case Refused(reasons=reasons):
            raise RefusedError(
                what=f"No attestation of the image will do: {'; '.join(reasons)}; nothing was changed",
                where=where,
                remedy=(
                    f"Deploy what {wanted.workflow} built from {wanted.repository}.\n{look}\n"
                    "Whose builds are deployed stands in the stack file under alys:registry.attestation"
                ),
            )
        case Missing():
            raise RefusedError(
                what="GitHub has no attestation of the image, or hides it from us; nothing was changed",
                where=where,
                remedy=(
                    "Its workflow makes one with actions/attest-build-provenance; look at its run:  "
                    f"gh run list --repo {wanted.repository}\n{look}"
                ),
            )
        case Unavailable(reason=reason):
            raise RefusedError(
                what=f"Whose build the image is can't be seen: {reason}; nothing was changed",
                where=where,
                remedy=f"{look}\n{go_back}",
            )


def _named(address: str) -> str:
    return shown(address.removeprefix(GITHUB))
