import pytest

from components.alerting import alertmanager_values
from policy.rule import violations
from policy.rules import RULES
from sections.release import rehearsal_namespace
from tests.cloud import CLUSTER, declared
from tests.policy.test_stacks import declarations

SLACK = "https://hooks.slack.com/services/T0/B0/planted"
SERVICES = ("discord", "pagerduty", "slack", "webhook")


def told(**alerts):
    return declared(cluster=CLUSTER, observability={}, alerts=alerts)


def release(recording):
    return recording.one("kubernetes:helm.sh/v3:Release")


def test_addresses_are_a_secret_of_kubernetes():
    secret = told(slack=SLACK).one("kubernetes:core/v1:Secret", "observability-alerts")
    assert secret.inputs["stringData"] == {"slack": SLACK}
    assert secret.secrets
    assert secret.inputs["metadata"]["namespace"] == "monitoring"


def test_the_charts_values_name_files_and_hold_no_address():
    inputs = release(told(slack=SLACK)).inputs
    assert "planted" not in str(inputs)
    assert inputs["values"]["alertmanager"]["alertmanagerSpec"] == {"secrets": ["alys-alerts"]}


def test_alertmanager_waits_for_its_addresses():
    waited = {urn.rpartition("::")[2] for urn in release(told(slack=SLACK)).depends_on}
    assert "observability-alerts" in waited


def test_no_rule_is_broken():
    declared = declarations(told(**dict.fromkeys(SERVICES, SLACK)))
    assert [str(found) for one in declared for found in violations(RULES, one)] == []


def test_nobody_is_told_where_the_stack_names_nobody():
    recording = told()
    assert release(recording).inputs["values"]["alertmanager"] == {}
    assert not recording.all("kubernetes:core/v1:Secret")


def test_warnings_and_worse_go_to_the_team_and_the_rest_to_nobody():
    config = alertmanager_values(["slack"])["config"]
    assert config["route"]["receiver"] == "nobody"
    _, route = config["route"]["routes"]
    assert route["receiver"] == "team"
    assert route["matchers"] == ['severity =~ "warning|critical"']
    assert {one["name"] for one in config["receivers"]} == {"nobody", "team"}


def test_nobody_is_woken_by_a_rehearsal():
    first = alertmanager_values(["slack"])["config"]["route"]["routes"][0]
    assert first["receiver"] == "nobody"
    assert first["matchers"] == ['namespace =~ ".+-rehearsal"']
    assert rehearsal_namespace("alys-staging").endswith("-rehearsal")


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_reads_its_file_of_the_secret(service):
    team = alertmanager_values([service])["config"]["receivers"][1]
    (how,) = team[f"{service}_configs"]
    assert f"/etc/alertmanager/secrets/alys-alerts/{service}" in how.values()


def test_all_services_are_one_receiver():
    team = alertmanager_values(SERVICES)["config"]["receivers"][1]
    assert set(team) == {"name", *(f"{service}_configs" for service in SERVICES)}
