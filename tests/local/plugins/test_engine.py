"""Whole updates by the real engine, with resources that nobody makes."""

PROGRAM = """
class Vpc(pulumi.CustomResource):
    arn: pulumi.Output[str]
    def __init__(self, name, props, opts=None):
        super().__init__("aws:ec2/vpc:Vpc", name, props | {"arn": None}, opts)

config = pulumi.Config()
tags = {"note": config.get_secret("note")}
vpc = Vpc("net", {"cidrBlock": config.get("cidr") or "10.0.0.0/16", "tags": tags},
          pulumi.ResourceOptions(protect=config.get_bool("protect")))
sub = pulumi.CustomResource("aws:ec2/subnet:Subnet", "sub", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
pulumi.export("arn", vpc.arn)
"""


def test_a_stack_lives_and_ends(stack):
    """Preview, make, find unchanged, change, replace, refresh, destroy."""
    stack.write(PROGRAM)
    stack.succeed("config", "set", "--secret", "note", "hush")

    preview = stack.shows("preview", "--diff")
    assert "nothing real is made" in preview
    assert "vpcId    : [unknown]" in preview
    assert "hush" not in preview
    assert stack.resources() == {}

    assert "nothing real is made" in stack.succeed("up", "--yes", "--skip-preview")
    made = stack.resources()
    assert made["sub"]["outputs"]["vpcId"] == made["net"]["id"]
    assert stack.outputs()["arn"].startswith("arn:aws:ec2:us-east-1:123456789012:vpc/vpc-")

    assert "3 unchanged" in stack.succeed("up", "--yes", "--skip-preview")

    stack.succeed("config", "set", "--secret", "note", "sesame")
    assert "1 updated" in stack.succeed("up", "--yes", "--skip-preview")

    stack.succeed("config", "set", "cidr", "10.9.0.0/16")
    assert "net replace" in " ".join(stack.succeed("preview").split()).replace("aws:ec2:Vpc ", "")
    stack.succeed("up", "--yes", "--skip-preview")
    replaced = stack.resources()
    assert replaced["net"]["id"] != made["net"]["id"]
    assert replaced["sub"]["outputs"]["vpcId"] == replaced["net"]["id"]

    assert "3 unchanged" in stack.succeed("refresh", "--yes")

    stack.succeed("destroy", "--yes")
    assert stack.resources() == {}


def test_what_is_protected_is_not_deleted(stack):
    stack.write(PROGRAM)
    stack.succeed("config", "set", "protect", "true")
    stack.succeed("up", "--yes", "--skip-preview")
    refused = stack.pulumi("destroy", "--yes")
    assert refused.returncode != 0
    assert "protect" in refused.stdout
    assert "net" in stack.resources()


def test_an_answer_that_the_table_lacks_is_named_to_the_user(stack):
    stack.write("pulumi.runtime.invoke('aws:ec2/getAmi:getAmi', {})")
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert "has no answer for aws:ec2/getAmi:getAmi" in done.stdout
