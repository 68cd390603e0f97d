import gzip
import io
import json
import os
import socket
import subprocess
import tarfile
import time

import httpx
import pytest

from local import debian, images
from local.errors import LocalError

MACHINE = "x86_64"


@pytest.fixture
def binary(tmp_path):
    path = tmp_path / "program"
    path.write_bytes(b"\x7fELF and so on")
    return path


@pytest.fixture
def image(binary):
    return images.Image(
        binary=binary,
        entrypoint=("/program",),
        arguments=("run",),
        env={"VERSION": "v1"},
        labels={"b": "2", "a": "1"},
        ports=(8080,),
    )


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """Debian's docker-registry on a free port."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = {
        "version": "0.1",
        "log": {"accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder)}},
        "http": {"addr": f"127.0.0.1:{port}", "relativeurls": True},
    }
    (folder / "config.yml").write_text(json.dumps(config))
    environment = os.environ | debian.environment(debian.ensure())
    argv = ["docker-registry", "serve", str(folder / "config.yml")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
    address = f"localhost:{port}"
    while not answers(port):
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_the_same_content_has_the_same_digest(image, binary):
    first = images.pack(image, MACHINE)
    os.utime(binary, (1, 1))
    assert images.pack(image, MACHINE).digest == first.digest


def test_another_environment_is_another_image_on_the_same_layer(image, binary):
    other = images.Image(binary=binary, entrypoint=("/program",), env={"VERSION": "v2"})
    one, two = images.pack(image, MACHINE), images.pack(other, MACHINE)
    assert one.digest != two.digest
    assert one.layer == two.layer


def test_an_images_configuration_says_how_it_is_run(image):
    config = json.loads(images.pack(image, MACHINE).config)
    assert config["architecture"] == "amd64"
    assert config["config"] == {
        "User": "65532:65532",
        "Env": ["VERSION=v1"],
        "Entrypoint": ["/program"],
        "Cmd": ["run"],
        "ExposedPorts": {"8080/tcp": {}},
        "Labels": {"a": "1", "b": "2"},
    }


def test_the_layer_holds_the_binary_and_nothing_else(image, binary):
    packed = images.pack(image, MACHINE)
    archive = gzip.decompress(packed.layer)
    with tarfile.open(fileobj=io.BytesIO(archive)) as layer:
        (entry,) = layer.getmembers()
        content = layer.extractfile(entry).read()
    assert (entry.name, entry.mode, entry.mtime, content) == ("program", 0o755, 0, binary.read_bytes())
    assert json.loads(packed.config)["rootfs"]["diff_ids"] == [images.digest(archive)]


def test_a_pushed_image_is_found_under_its_tag_by_its_digest(image, registry):
    packed = images.pack(image, MACHINE)
    assert images.push(packed, registry, "alys/thing", "v1") == packed.digest
    assert images.find(registry, "alys/thing", "v1") == packed.digest


def test_a_registry_gives_back_the_bytes_it_was_given(image, registry):
    packed = images.pack(image, MACHINE)
    images.push(packed, registry, "alys/bytes", "v1")
    base = f"http://{registry.replace('localhost', '127.0.0.1')}/v2/alys/bytes"
    for blob in (packed.layer, packed.config):
        assert httpx.get(f"{base}/blobs/{images.digest(blob)}", trust_env=False).content == blob
    manifest = httpx.get(f"{base}/manifests/v1", headers={"Accept": images.MANIFEST}, trust_env=False)
    assert manifest.content == packed.manifest


def test_a_tag_that_is_pushed_again_moves(image, binary, registry):
    images.push(images.pack(image, MACHINE), registry, "alys/moved", "v1")
    other = images.pack(images.Image(binary=binary, entrypoint=("/program",)), MACHINE)
    images.push(other, registry, "alys/moved", "v1")
    assert images.find(registry, "alys/moved", "v1") == other.digest


def test_a_tag_that_was_never_pushed_is_not_found(registry):
    assert images.find(registry, "alys/thing", "v404") is None


def test_a_registry_that_does_not_answer_is_named_with_the_remedy(image):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"localhost:{held.getsockname()[1]}"
        with pytest.raises(LocalError, match=rf"pushing {address}/alys/thing:v1 failed: .*`make cluster`"):
            images.push(images.pack(image, MACHINE), address, "alys/thing", "v1")


@pytest.mark.parametrize(
    ("registry", "url"),
    [
        ("localhost:5055", "http://127.0.0.1:5055/v2/alys/node"),
        ("ghcr.io/team", "https://ghcr.io/v2/team/alys/node"),
        ("registry.example:8443", "https://registry.example:8443/v2/alys/node"),
    ],
)
def test_only_a_registry_on_loopback_is_spoken_to_in_plain_http(registry, url):
    assert images._url(registry, "alys/node") == url
