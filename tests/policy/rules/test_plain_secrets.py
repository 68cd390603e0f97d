import pytest

from policy.declaration import Secret
from policy.rules.plain_secrets import ALWAYS_SECRET, NO_PLAIN_SECRETS
from tests.policy.declarations import found

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
# Put together here, so that no scanner takes this file for a leak.
LEAKS = {
    "a private key": "-----BEGIN EC " + "PRIVATE KEY-----\nMHc",
    "an AWS key": "AKIA" + "A" * 16,
    "a GitHub token": "ghp_" + "a" * 36,
    "a fine-grained token": "github_pat_" + "a" * 30,
    "a Slack token": "xoxb-" + "1" * 12,
    "a Slack hook": "https://hooks.slack.com/" + "services/T0/B0/x",
    "a Discord hook": "https://discord.com/" + "api/webhooks/1/x",
    "an age key": "AGE-SECRET-" + "KEY-1QQQ",
    "a password in an address": "postgres://alys:" + "hunter2@db.example/alys",
}


@pytest.mark.parametrize("value", LEAKS.values(), ids=LEAKS.keys())
def test_what_looks_like_a_secret_is_refused_anywhere(value):
    assert "data.config" in found(NO_PLAIN_SECRETS, CONFIG_MAP, {"data": {"config": f"x = {value}"}})


@pytest.mark.parametrize("value", LEAKS.values(), ids=LEAKS.keys())
def test_the_same_marked_as_a_secret_is_accepted(value):
    assert not found(NO_PLAIN_SECRETS, CONFIG_MAP, {"data": {"config": Secret(value)}})


@pytest.mark.parametrize("value", LEAKS.values(), ids=LEAKS.keys())
def test_the_message_does_not_repeat_the_secret(value):
    assert value not in found(NO_PLAIN_SECRETS, CONFIG_MAP, {"data": {"config": value}})


SECRET_INPUTS = {
    "kubernetes:core/v1:Secret": lambda value: {"stringData": {"node-key": value}},
    "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": lambda value: {"value": value},
    "github:index/actionsSecret:ActionsSecret": lambda value: {"plaintextValue": value},
    "aws:secretsmanager/secretVersion:SecretVersion": lambda value: {"secretString": value},
    "aws:ssm/parameter:Parameter": lambda value: {"value": value},
}


@pytest.mark.parametrize("type_", sorted(ALWAYS_SECRET))
def test_what_a_secret_resource_holds_is_one_whatever_it_looks_like(type_):
    assert found(NO_PLAIN_SECRETS, type_, SECRET_INPUTS[type_]("plain"))
    assert not found(NO_PLAIN_SECRETS, type_, SECRET_INPUTS[type_](Secret("plain")))


def test_a_whole_mapping_marked_as_a_secret_is_accepted():
    assert not found(NO_PLAIN_SECRETS, "kubernetes:core/v1:Secret", {"stringData": Secret({"key": "x"})})


@pytest.mark.parametrize("name", ["password", "adminPassword", "token", "clientSecret"])
def test_an_input_that_is_called_a_secret_is_one(name):
    values = {"values": {"grafana": {name: "admin"}}}
    assert f"values.grafana.{name}" in found(NO_PLAIN_SECRETS, "kubernetes:helm.sh/v3:Release", values)


@pytest.mark.parametrize("name", ["tokenPolicy", "passwordPolicy", "privateKeyRef"])
def test_an_input_that_is_about_secrets_is_none(name):
    assert not found(NO_PLAIN_SECRETS, CONFIG_MAP, {"data": {name: "strict"}})


@pytest.mark.parametrize("value", ["", "https://prometheus.example/api", "arn:aws:iam::1:role/x", True, 3])
def test_what_is_none_is_accepted(value):
    assert not found(NO_PLAIN_SECRETS, CONFIG_MAP, {"data": {"config": value}})
