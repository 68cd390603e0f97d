import json
import re

import pytest

from local import images, node_image
from local.errors import LocalError


@pytest.fixture
def binary(tmp_path):
    path = tmp_path / "alys-node"
    path.write_bytes(b"node")
    return path


def config(image) -> dict:
    return json.loads(images.pack(image, "x86_64").config)["config"]


def test_an_image_says_which_version_it_is(binary):
    said = config(node_image.image(binary, "v1.0.0"))
    assert said["Env"] == ["ALYS_VERSION=v1.0.0"]
    assert said["Labels"]["org.opencontainers.image.version"] == "v1.0.0"


def test_a_broken_version_says_what_is_wrong_with_it(binary):
    assert config(node_image.image(binary, "v3.0.0", "never-ready"))["Env"] == [
        "ALYS_FAULT=never-ready",
        "ALYS_VERSION=v3.0.0",
    ]


def test_images_agree_with_the_dockerfile_about_how_they_are_run(binary):
    dockerfile = (node_image.SOURCE / "Dockerfile").read_text()
    said = config(node_image.image(binary, "v1.0.0"))
    for word, key in (("ENTRYPOINT", "Entrypoint"), ("CMD", "Cmd")):
        (line,) = re.findall(rf"^{word} (\[.*\])$", dockerfile, re.MULTILINE)
        assert said[key] == json.loads(line)
    assert re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)[-1] == said["User"]


def test_a_machine_without_rust_is_told_where_to_get_it(own_cache, programs):
    with pytest.raises(LocalError, match=r"there is no `cargo` on PATH: https://rustup.rs"):
        node_image.build()
