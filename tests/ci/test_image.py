from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci import image
from ci.image import Event
from ci.report import Refusal

DAY, SHA = date(2026, 11, 25), "0123456789abcdef0123456789abcdef01234567"
SHORT = "0123456789ab"
BRANCH = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=200)


def push(ref):
    return Event("push", ref, SHA, DAY)


def test_a_branch_names_the_image_and_so_does_the_commit():
    assert image.tags(push("refs/heads/main")) == ["main", f"sha-{SHORT}"]


def test_a_pull_request_has_its_number():
    event = Event("pull_request", "refs/pull/7/merge", SHA, DAY, pull_request="7")
    assert image.tags(event) == ["pr-7", f"sha-{SHORT}"]


def test_a_version_has_its_series_too():
    assert image.tags(push("refs/tags/v1.2.3")) == ["v1.2.3", "v1.2", f"sha-{SHORT}"]


def test_a_release_candidate_is_not_what_its_series_means():
    assert image.tags(push("refs/tags/v1.2.3-rc.1")) == ["v1.2.3-rc.1", f"sha-{SHORT}"]


def test_a_migration_branch_has_its_day():
    assert image.tags(push("refs/heads/migration/actors")) == [
        "migration-actors",
        f"sha-{SHORT}",
        f"migration-20261125-{SHORT}",
    ]


@pytest.mark.parametrize("tag", ["latest", "1.2.3", "v1.2", "v01.2.3", "v1.2.3;id"])
def test_a_tag_that_is_no_version_is_refused(tag):
    with pytest.raises(Refusal, match=r"is no version such as v1\.2\.3"):
        image.tags(push(f"refs/tags/{tag}"))


@given(BRANCH)
def test_a_branch_makes_tags_that_the_registry_takes_and_no_others_name(branch):
    tags = image.tags(push(f"refs/heads/{branch}"))
    assert all(image.TAG.fullmatch(tag) for tag in tags)
    own = [tag for tag in tags if tag not in (f"sha-{SHORT}", f"migration-20261125-{SHORT}")]
    assert all(not tag.startswith(("sha-", "pr-", "cache-", "v1")) and tag != "latest" for tag in own)


@pytest.mark.parametrize(
    "branch", ["v1.2.3", "latest", "sha-0123", "pr-1", "cache-amd64", "migration/20261125-x"]
)
def test_a_branch_can_not_take_the_name_of_something_else(branch):
    assert image.tags(push(f"refs/heads/{branch}"))[0].startswith("branch-")


def test_a_fork_pushes_nothing():
    event = Event("pull_request", "refs/pull/7/merge", SHA, DAY, pull_request="7", fork=True)
    assert not image.pushed(event)
    assert "push" not in image.exporter("ghcr.io/alys/node", push=False)


def test_an_image_is_pushed_without_a_name():
    assert "push-by-digest=true" in image.exporter("ghcr.io/alys/node", push=True)


def test_a_release_takes_nothing_from_the_cache():
    assert image.cache(push("refs/tags/v1.2.3"), "i", "amd64") == ("", "")


def test_only_a_reviewed_branch_fills_the_cache():
    read = "type=registry,ref=i:cache-amd64"
    assert image.cache(push("refs/heads/main"), "i", "amd64") == (read, f"{read},mode=max")
    assert image.cache(push("refs/heads/feature"), "i", "amd64") == (read, "")


def test_the_labels_say_where_the_image_comes_from():
    labels = image.labels(push("refs/tags/v1.2.3"), "https://github.com/alys/alys")
    assert labels["org.opencontainers.image.source"] == "https://github.com/alys/alys"
    assert labels["org.opencontainers.image.version"] == "v1.2.3"
    assert labels["org.opencontainers.image.revision"] == SHA


def test_the_place_is_the_repositorys_own_in_small_letters():
    assert image.repository({"GITHUB_REPOSITORY": "Alys/Node"}) == "ghcr.io/alys/node"


def test_another_place_must_be_one():
    assert image.repository({"IMAGE": "ghcr.io/alys/node", "GITHUB_REPOSITORY": "a/b"}) == "ghcr.io/alys/node"
    with pytest.raises(Refusal, match=r"IMAGE: 'ghcr\.io/alys/node:v1' is not an image without a tag"):
        image.repository({"IMAGE": "ghcr.io/alys/node:v1"})
