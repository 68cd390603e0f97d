import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.past import identity
from release.past.identity import Identity
from sections.pin import Pin
from sections.values import TAG_GRAMMAR

DIGEST, OTHER_DIGEST = "sha256:" + "a" * 64, "sha256:" + "b" * 64

identities = st.builds(
    Identity,
    version=st.from_regex(TAG_GRAMMAR, fullmatch=True),
    digest=st.none() | st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
    flags=st.none() | st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    phase=st.none() | st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True),
)


@given(identities)
def test_what_is_written_is_read_back(written):
    assert identity.parse(str(written)) == written


@pytest.mark.parametrize(
    "text", ["", "@", "v1@sha256:abc", "v1+xyz", "v1 ", "v1\n", "-v1", "v1@@", "v1+", "v1/", "v1/A"]
)
def test_anything_else_is_no_identity(text):
    assert identity.parse(text) is None


@given(identities, st.integers(0, 100), st.integers(0, 100))
def test_the_share_is_no_part_of_it(wanted, some, more):
    pin = Pin.model_validate({"version": "v1", "digest": wanted.digest, "rollout": some})
    assert identity.of(pin) == identity.of(pin.model_copy(update={"rollout": more}))


def test_a_flag_for_newer_versions_is_no_part_of_it():
    """An older version runs the same with and without it."""
    later = {"fast_sync": {"value": True, "since": "v2.0.0"}}
    with_flag = Pin.model_validate({"version": "v1.0.0", "flags": later})
    assert identity.of(with_flag) == identity.of(Pin(version="v1.0.0"))


def test_two_tags_of_one_digest_are_the_same_image():
    assert Identity(version="v1", digest=DIGEST).same_image(Identity(version="v1.0", digest=DIGEST))


def test_one_tag_with_two_digests_is_two_images():
    assert not Identity(version="v1", digest=DIGEST).same_image(Identity(version="v1", digest=OTHER_DIGEST))


def test_without_flags_it_speaks_of_any():
    flagged = Identity(version="v1", flags="0" * 12)
    assert Identity(version="v1").covers(flagged)
    assert not flagged.covers(Identity(version="v1", flags="1" * 12))


def test_another_phase_is_another_release():
    """A phase that failed must not put the same version in the phase before on hold."""
    phases = [identity.of(Pin(version="v1", phase=name)) for name in (None, "foundation", "actor-core")]
    assert len(set(phases)) == 3
    assert not phases[2].covers(phases[1])


def test_without_a_phase_it_speaks_of_any():
    """As messages from before there were phases do."""
    assert Identity(version="v1").covers(Identity(version="v1", phase="foundation"))
    assert not Identity(version="v1", phase="foundation").covers(Identity(version="v1"))


def test_a_release_without_a_phase_is_written_as_ever():
    assert str(Identity(version="v1", digest=DIGEST, flags="0" * 12)) == f"v1@{DIGEST}+000000000000"


def test_people_read_a_short_digest():
    assert Identity(version="v1", digest=DIGEST, flags="0" * 12).short == "v1@sha256:aaaaaaaaaaaa"
    assert Identity(version="v1").short == "v1"
