"""One comment a stack, updated in place: forward, back, policies, costs."""

import json
from dataclasses import asdict, replace

import pytest

from ci import preview
from ci.engine import Seen
from ci.preview import Found, body, comment, marker
from release.verbs.plan import HIDDEN
from tests.pipelines.hub import BOT

RUN = "https://github.com/alys/alys-release/actions/runs/17"
PLAN = {
    "stack": "staging",
    "forward": {
        "from": "v1.0.0",
        "to": "v2.0.0",
        "pin": ["version: v1.0.0 -> v2.0.0"],
        "changes": True,
        "preview": "~ helm.sh/v3:Release",
    },
    "way_back": {
        "from": "v2.0.0",
        "to": "v1.0.0",
        "pin": ["version: v2.0.0 -> v1.0.0"],
        "changes": False,
        "preview": "",
    },
    "open": True,
    "obstacles": [],
    "on_hold": None,
    "notes": [],
}
FOUND = Found(
    stack="staging", text="~ 1 to update", changes=True, failed="", costs="about $1 a month", plan=PLAN
)


def test_a_comment_says_both_ways_policies_and_costs():
    text = body(FOUND, RUN)
    assert "### staging: changes, within the policies" in text
    assert "forward: v1.0.0 to v2.0.0" in text
    assert "version: v2.0.0 -> v1.0.0\n\nFrom what runs now it changes nothing." in text
    assert "The way back is open." in text
    assert "Costs: about $1 a month" in text
    assert RUN in text


def test_a_way_back_that_is_not_open_says_why():
    plan = PLAN | {
        "open": False,
        "obstacles": ["the registry has no v1.0.0 any more"],
        "on_hold": "it failed",
    }
    text = body(replace(FOUND, plan=plan), RUN)
    assert "**Nobody can be sure of the way back:**\n\n- the registry has no v1.0.0 any more" in text
    assert "On hold" in text


def test_what_the_preview_s_credentials_could_not_see_is_said():
    assert "Helm's records" in body(replace(FOUND, plan=PLAN | {"notes": [HIDDEN]}), RUN)


def test_a_first_release_has_no_way_back():
    text = body(replace(FOUND, plan=PLAN | {"way_back": None, "open": False, "obstacles": ["none"]}), RUN)
    assert "the way back: " not in text


def test_a_policy_that_says_no_comes_first():
    text = body(replace(FOUND, failed="public-endpoints: is open to all"), RUN)
    assert text.index("policy says no") < text.index("is open to all") < text.index("an update would change")


def test_a_change_of_no_pin_has_no_plan():
    assert "way back" not in body(replace(FOUND, plan=None), RUN)


def test_a_plan_that_could_not_be_made_is_said():
    assert "could not be planned: no such tag" in body(
        replace(FOUND, plan=None, unplanned="no such tag"), RUN
    )


def test_a_long_difference_is_cut_and_the_comment_fits():
    long = replace(
        FOUND, text="x" * 100_000, plan=PLAN | {"forward": PLAN["forward"] | {"preview": "y" * 100_000}}
    )
    assert len(body(long, RUN)) < 65_536


def test_the_second_comment_is_the_first_one(github, repository):
    repository.say("5", f"{marker('staging')}\nI am no bot", {"login": "mallory", "type": "User"})
    repository.say("5", f"{marker('testnet')}\nanother stack")
    comment(github, 5, marker("staging"), f"{marker('staging')}\none")
    comment(github, 5, marker("staging"), f"{marker('staging')}\ntwo")
    assert [one["body"].splitlines()[1] for one in repository.comments] == [
        "I am no bot",
        "another stack",
        "two",
    ]
    assert repository.comments[2]["user"] == BOT


def test_it_is_found_again_also_among_many(github, repository):
    for number in range(150):
        repository.say("5", f"{number}")
    comment(github, 5, marker("staging"), f"{marker('staging')}\none")
    comment(github, 5, marker("staging"), f"{marker('staging')}\ntwo")
    assert len(repository.comments) == 151


@pytest.fixture
def told(repository, tmp_path, monkeypatch):
    given = {"STACK": "staging", "RUN_URL": RUN, "RUNNER_TEMP": str(tmp_path), "PULL_REQUEST": "5"}
    given |= {"GITHUB_API_URL": repository.url, "GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "t"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return preview.tell


def test_what_was_found_is_what_is_told(told, repository, tmp_path):
    (tmp_path / "preview-staging.json").write_text(json.dumps(asdict(FOUND)))
    told()
    assert repository.comments[0]["body"] == body(FOUND, RUN)


def test_a_look_that_did_not_end_replaces_the_old_comment(told, repository):
    told()
    assert "there is no preview" in repository.comments[0]["body"]


def test_only_a_number_to_change_is_a_change():
    assert Seen(text="Resources:\n    ~ 1 to update\n    5 unchanged", failed="").changes
    assert Seen(text="Resources:\n    +-2 to replace", failed="").changes
    assert not Seen(text="Resources:\n    6 unchanged", failed="").changes
