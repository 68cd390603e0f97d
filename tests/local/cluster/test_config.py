import ipaddress
import json
import tomllib

import pytest

from local.cluster import addresses, components, config, targets


def test_every_file_that_a_component_is_pointed_at_is_written(tmp_path):
    """Certificates aside, which are made once."""
    config.write(tmp_path, "overlayfs", "alys-12345678")
    prefix = f"{config.CONFIG}/"
    argv = " ".join(" ".join(c.argv) for c in components.all_components("kubernetes-v1", "coredns-v1"))
    named = {word.partition("=")[2] or word for word in argv.split() if prefix in word}
    assert named
    assert all((tmp_path / name.removeprefix(prefix)).exists() for name in named)


def test_containerd_takes_the_snapshotter_that_works_here():
    plugin = tomllib.loads(config.containerd("native"))["plugins"]["io.containerd.grpc.v1.cri"]
    assert plugin["containerd"]["snapshotter"] == "native"
    assert plugin["sandbox_image"] == "localhost:5055/alys/pause:1"


def test_kubelet_keeps_to_the_clusters_own_control_group():
    assert config.kubelet("alys-12345678")["cgroupRoot"] == "/alys-12345678"


def test_the_machines_connection_table_is_left_alone():
    conntrack = config.proxy()["conntrack"]
    assert (conntrack["maxPerCore"], conntrack["min"]) == (0, 0)


def test_outside_names_are_answered_by_a_server_of_their_own():
    """In one server CoreDNS asks `template` before `kubernetes`, and no name would exist."""
    servers = config.corefile().split("\n}\n")
    assert [("kubernetes" in server, "template" in server) for server in servers[:2]] == [
        (True, False),
        (False, True),
    ]


def test_an_address_of_a_pod_is_never_one_of_a_service_or_the_node():
    networks = [ipaddress.ip_network(net) for net in (addresses.PODS, addresses.SERVICES)]
    networks.append(ipaddress.ip_network(f"{addresses.NODE}/{addresses.PREFIX}", strict=False))
    assert not any(a.overlaps(b) for a in networks for b in networks if a is not b)


@pytest.mark.parametrize("address", [addresses.HOST, addresses.NODE])
def test_the_nodes_address_is_one_that_kubernetes_takes(address):
    assert not ipaddress.ip_address(address).is_link_local
    assert not ipaddress.ip_address(address).is_loopback


def test_addresses_of_pods_go_with_the_pods():
    (cable, _) = config.cni()["plugins"]
    assert cable["ipam"]["dataDir"].startswith("/run/")


def test_prometheus_reads_the_pods_where_they_are_written():
    (scrape,) = config.prometheus()["scrape_configs"]
    assert scrape["file_sd_configs"][0]["files"] == [str(targets.FILE)]


def test_what_the_running_parts_have_read_is_not_written_again(tmp_path):
    config.write(tmp_path, "overlayfs", "alys-12345678")
    (tmp_path / "prometheus.yml").unlink()
    config.write_missing(tmp_path, "native", "alys-ffffffff")
    assert (tmp_path / "prometheus.yml").exists()
    assert "alys-12345678" in (tmp_path / "kubelet.json").read_text()


def test_configuration_is_readable_json(tmp_path):
    config.write(tmp_path, "overlayfs", "alys-12345678")
    assert json.loads((tmp_path / "kubelet.json").read_text())["kind"] == "KubeletConfiguration"
