"""What the release leans on, tried on the cluster of this machine, whichever it is."""

import json

import httpx
import pytest

from tests.local.cluster.kube import Pod, claim, eventually, service

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def pods(kube, probe_image):
    """Two pods with data, one of them never ready, behind a NodePort and a headless Service each way."""
    kube.apply(
        claim("data"),
        Pod(name="one", image=probe_image, claim="data", subdomain="peers").manifest(),
        Pod(name="two", image=probe_image, app="unready", subdomain="all", env={"READY": "no"}).manifest(),
        service("web", type="NodePort"),
        service("peers", clusterIP="None"),
        service("hidden", app="unready", clusterIP="None"),
        service("all", app="unready", clusterIP="None", publishNotReadyAddresses=True),
    )
    kube.wait_ready("one")
    return kube


@pytest.fixture(scope="module")
def ask(pods):
    """Asks the probe in pod `one`, through the NodePort, from this machine."""
    (port,) = pods.get("service", "web")["spec"]["ports"]
    base = f"http://{pods.node_address()}:{port['nodePort']}"

    def ask(path: str, **parameters: str):
        answer = httpx.get(f"{base}/{path}", params=parameters, timeout=10, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    eventually(lambda: ask("name"))
    return ask


def test_a_pod_runs_the_image_that_its_digest_names(pods, probe_image):
    (status,) = pods.get("pod", "one")["status"]["containerStatuses"]
    assert status["imageID"].partition("@")[2] == probe_image.partition("@")[2]


def test_a_node_port_answers_on_this_machine(ask):
    assert ask("name") == "one"


def test_a_service_is_found_by_its_short_name(ask, pods):
    assert ask("resolve", name="web") == [pods.get("service", "web")["spec"]["clusterIP"]]


def test_a_pod_reaches_itself_through_its_own_service(ask):
    assert ask("fetch", url="http://web/name") == '"one"\n'


def test_a_pod_of_a_headless_service_is_found_by_its_hostname(ask, pods):
    assert ask("resolve", name="one.peers") == [pods.get("pod", "one")["status"]["podIP"]]


def test_a_pod_reaches_another(ask, pods):
    eventually(lambda: ask("resolve", name="two.all"))
    assert ask("fetch", url="http://two.all:8080/name") == '"two"\n'


def test_a_pod_that_is_not_ready_is_only_found_where_that_is_published(ask, pods):
    address = eventually(lambda: ask("resolve", name="all"))
    assert address == [pods.get("pod", "two")["status"]["podIP"]]
    with pytest.raises(httpx.HTTPStatusError) as refusal:
        ask("resolve", name="hidden")
    assert "no such host" in refusal.value.response.text


def test_a_name_that_nobody_has_is_said_not_to_exist(ask):
    with pytest.raises(httpx.HTTPStatusError) as refusal:
        ask("resolve", name="nobody.invalid.")
    assert "no such host" in refusal.value.response.text


def test_a_pod_reads_what_its_predecessor_wrote(ask, pods, probe_image):
    ask("write", text="kept")
    pods.do("delete", "pod", "one", "--wait=true")
    pods.apply(Pod(name="one", image=probe_image, claim="data", subdomain="peers").manifest())
    pods.wait_ready("one")
    assert eventually(lambda: ask("read")) == "kept"


def test_the_volume_goes_with_its_claim(kube):
    kube.apply(claim("passing"))
    kube.do("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/passing", "--timeout=60s")
    volume = kube.get("pvc", "passing")["spec"]["volumeName"]
    kube.do("delete", "pvc", "passing")
    kube.do("wait", "--for=delete", f"pv/{volume}", "--timeout=60s")


def test_only_a_pod_that_asks_for_it_is_scraped_and_under_its_own_name(kube, cluster, probe_image):
    assert cluster.prometheus, "this cluster has no Prometheus: ALYS_PROMETHEUS=URL hands one in"
    asks = {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"}
    kube.apply(
        Pod(name="silent", image=probe_image).manifest(),
        Pod(name="measured", image=probe_image, annotations=asks).manifest(),
    )

    def scraped() -> list[dict]:
        query = {"query": f'probe_measured{{namespace="{kube.namespace}"}}'}
        answer = httpx.get(f"{cluster.prometheus}/api/v1/query", params=query, timeout=10, trust_env=False)
        return answer.json()["data"]["result"]

    eventually(scraped)
    assert [series["metric"]["pod"] for series in scraped()] == ["measured"]
    kube.do("delete", "pod", "measured", "--wait=true")
    eventually(lambda: not scraped())


@pytest.mark.parametrize(
    "security", [{"privileged": True, "allowPrivilegeEscalation": True}, {"runAsUser": 0}]
)
def test_a_restricted_namespace_refuses_a_pod_that_wants_more(kube, probe_image, security):
    pod = Pod(name="greedy", image=probe_image, security=security).manifest()
    refused = kube.run("apply", "-f", "-", stdin=json.dumps(pod))
    assert refused.returncode != 0
    assert 'violates PodSecurity "restricted:latest"' in refused.stderr


def test_the_api_server_answers_pods_at_its_own_service(ask):
    """With a certificate that the probe has no reason to trust, which is how it is known to be there."""
    with pytest.raises(httpx.HTTPStatusError) as refusal:
        ask("fetch", url="https://kubernetes.default/version")
    assert "certificate" in refusal.value.response.text
