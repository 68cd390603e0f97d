import json

from policy.declaration import UNKNOWN
from policy.rules.tags import REQUIRED, TAGGED
from tests.policy.declarations import found

ALL = dict.fromkeys(REQUIRED, "x")
VPC = "aws:ec2/vpc:Vpc"


def test_tags_of_the_provider_are_accepted():
    assert not found(TAGGED, VPC, provider={"defaultTags": {"tags": ALL}})


def test_tags_of_the_provider_are_read_as_the_engine_keeps_them():
    assert not found(TAGGED, VPC, provider={"defaultTags": json.dumps({"tags": ALL})})


def test_tags_of_its_own_are_accepted():
    assert not found(TAGGED, VPC, {"tags": ALL})


def test_both_together_are_accepted():
    own, given = {"project": "alys"}, {key: "x" for key in REQUIRED if key != "project"}
    assert not found(TAGGED, VPC, {"tags": own}, provider={"defaultTags": {"tags": given}})


def test_a_resource_without_tags_is_refused():
    assert all(tag in found(TAGGED, VPC) for tag in REQUIRED)


def test_an_emptied_tag_is_refused():
    emptied = found(TAGGED, VPC, {"tags": {"owner": ""}}, provider={"defaultTags": {"tags": ALL}})
    assert "lacks the tags owner" in emptied


def test_tags_that_only_an_update_will_know_are_asked_about_then():
    assert not found(TAGGED, VPC, {"tags": UNKNOWN})


def test_what_is_not_amazons_has_no_such_tags():
    assert not found(TAGGED, "kubernetes:core/v1:Namespace")
