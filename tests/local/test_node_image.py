import json
import os
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


CARGO = """#!/bin/sh
# As the real one: nothing is built where every source is older than what was built last.
for file in src/*.rs; do
    [ "$file" -nt "$CARGO_TARGET_DIR/theirs" ] || exit 0
done
echo ours > "$CARGO_TARGET_DIR/{triple}/release/alys-node"
"""


def test_what_another_clone_built_later_is_not_taken_for_ours(tmp_path, own_cache, monkeypatch):
    source, target, programs = (tmp_path / name for name in ("node", "target", "programs"))
    triple = f"{os.uname().machine}-unknown-linux-gnu"
    for folder in (source / "src", target / triple / "release", programs):
        folder.mkdir(parents=True)
    for name in ("Cargo.toml", "Cargo.lock", "src/lib.rs", "src/main.rs"):
        (source / name).touch()
        os.utime(source / name, (1, 1))
    (target / triple / "release" / "alys-node").write_text("theirs\n")
    (target / "theirs").touch()
    os.utime(target / "theirs", (2, 2))
    for name, script in (("cargo", CARGO.format(triple=triple)), ("rustc", "#!/bin/sh\necho rustc 1.0\n")):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(node_image, "SOURCE", source)
    monkeypatch.setenv("CARGO_TARGET_DIR", str(target))
    assert node_image.build().read_text() == "ours\n"
