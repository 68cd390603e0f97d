import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from local.plugins.recorder import Recorder, fill, table
from local.plugins.values import UNKNOWN, Secret
from tests.local.plugins.serving import served

CLUSTER = "aws:eks/cluster:Cluster"
VPC = "aws:ec2/vpc:Vpc"


@pytest.fixture
def aws():
    with served(lambda engine: Recorder("aws", engine, "7.0.0")) as plugin:
        plugin.configure(region="eu-west-1")
        yield plugin


@pytest.fixture
def github():
    with served(lambda engine: Recorder("github", engine, "6.0.0")) as plugin:
        plugin.configure(owner="someone")
        yield plugin


def test_it_says_that_nothing_real_is_made(aws):
    aws.check(VPC, "v", {})
    assert "nothing real is made" in aws.listener.messages[0]


def test_inputs_come_back_as_outputs(aws):
    _, outputs = aws.create(VPC, "v", {"cidrBlock": "10.0.0.0/16", "tags": Secret({"a": "b"})})
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert outputs["tagsAll"] == Secret({"a": "b"})


def test_computed_fields_look_like_the_real_ones(aws):
    id_, outputs = aws.create(CLUSTER, "c", {"name": "alys"})
    assert id_ == "alys"
    assert outputs["arn"] == "arn:aws:eks:eu-west-1:123456789012:cluster/alys"
    assert outputs["endpoint"].endswith(".gr7.eu-west-1.eks.amazonaws.com")
    assert outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.eu-west-1.")


def test_in_a_preview_computed_fields_are_unknown(aws):
    id_, outputs = aws.create(CLUSTER, "c", {"name": "alys"}, preview=True)
    assert id_ == ""
    assert outputs["endpoint"] is UNKNOWN
    assert outputs["name"] == "alys"


def test_the_same_resource_always_gets_the_same_id(aws):
    assert aws.create(VPC, "v", {})[0] == aws.create(VPC, "v", {})[0]
    assert aws.create(VPC, "v", {})[0] != aws.create(VPC, "w", {})[0]


def test_a_replaced_resource_gets_another_id(aws):
    assert (
        aws.create(VPC, "v", {"cidrBlock": "10.0.0.0/16"})[0]
        != aws.create(VPC, "v", {"cidrBlock": "10.1.0.0/16"})[0]
    )


def test_an_update_keeps_what_was_computed(aws):
    id_, outputs = aws.create(VPC, "v", {"tags": {"a": "1"}})
    updated = aws.update(VPC, "v", id_, outputs, {"tags": {"a": "1"}}, {"tags": {"a": "2"}})
    assert updated["arn"] == outputs["arn"]
    assert updated["tagsAll"] == {"a": "2"}


def test_a_listed_field_replaces(aws):
    answer = aws.diff(VPC, "v", "vpc-1", {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"})
    assert answer.detailedDiff["cidrBlock"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE


def test_another_field_updates(aws):
    answer = aws.diff(VPC, "v", "vpc-1", {"tags": {}}, {"tags": {"a": "b"}})
    assert list(answer.replaces) == []


def test_a_type_that_the_table_lacks_gets_an_arn_all_the_same(aws):
    id_, outputs = aws.create("aws:batch/jobQueue:JobQueue", "q", {})
    assert outputs["arn"] == f"arn:aws:batch:eu-west-1:123456789012:jobqueue/{id_}"


def test_refreshing_changes_nothing(aws):
    id_, outputs = aws.create(VPC, "v", {"cidrBlock": "10.0.0.0/16"})
    assert aws.read(VPC, "v", id_, outputs, {"cidrBlock": "10.0.0.0/16"}) == (
        id_,
        {"cidrBlock": "10.0.0.0/16"},
        outputs,
    )


def test_what_this_stack_did_not_make_can_not_be_imported(aws):
    with pytest.raises(grpc.RpcError, match="only the official plugin can import it"):
        aws.read(VPC, "v", "vpc-1", {}, {})


def test_the_account_is_the_documentation_one(aws):
    assert aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"


def test_an_allowed_account_is_the_one(aws):
    aws.configure(allowedAccountIds='["111111111111"]')
    assert aws.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "111111111111"


def test_a_policy_document_says_what_it_allows(aws):
    """An empty one would pass every check of it."""
    statements = [{"actions": ["s3:*"], "resources": ["*"]}]
    answer = aws.invoke("aws:iam/getPolicyDocument:getPolicyDocument", statements=statements)
    assert '"Action": "s3:*"' in answer["json"]


def test_a_function_answers_with_its_arguments_too(github):
    answer = github.invoke("github:index/getRepository:getRepository", name="alys")
    assert answer["fullName"] == "someone/alys"
    assert answer["name"] == "alys"


def test_a_function_that_the_table_lacks_is_named_with_the_file(aws):
    with pytest.raises(grpc.RpcError) as caught:
        aws.invoke("aws:ec2/getAmi:getAmi")
    assert "aws:ec2/getAmi:getAmi" in caught.value.details()
    assert "recorded.toml" in caught.value.details()


def test_the_longest_fact_is_filled_in_first():
    assert fill("{a}{ab}", {"a": "1", "ab": "2"}) == "12"


@pytest.mark.parametrize("package", table())
def test_no_template_names_a_fact_that_nobody_gives(package):
    """A misspelt `{nmae}` would go into the state as it stands."""
    given = {"name", "id", "hash", "short", "kind", "service", *table()[package]["facts"]}
    for entry in table()[package]["resources"].values():
        replaced = fill(entry, dict.fromkeys(given | set(entry.get("replace", [])), ""))
        leftovers = [text for text in _texts(replaced) if "{" in text]
        assert leftovers == [] or all(_input_names(text) for text in leftovers), entry


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _input_names(text):
    """Inputs that identify a resource but do not replace it, by their own names."""
    known = ("{bucket}", "{secretId}", "{region}")
    return any(name in text for name in known)
