import json

import pytest

from ci import manifest
from ci.report import Refusal

AMD, ARM = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def test_each_platform_needs_its_digest(tmp_path):
    (tmp_path / "amd64").write_text(f"{AMD}\n")
    with pytest.raises(Refusal, match="the build for arm64 left no digest"):
        manifest.digests(tmp_path, ["amd64", "arm64"])
    (tmp_path / "arm64").write_text(ARM)
    assert manifest.digests(tmp_path, ["amd64", "arm64"]) == [AMD, ARM]


def test_the_image_is_made_of_digests_and_never_of_tags(tmp_path):
    argv = manifest.arguments("ghcr.io/a/b", ["ghcr.io/a/b:v1", "ghcr.io/a/b:v1.0"], [AMD, ARM], tmp_path)
    assert argv[-2:] == [f"ghcr.io/a/b@{AMD}", f"ghcr.io/a/b@{ARM}"]
    assert argv[argv.index("--tag") :][:4] == ["--tag", "ghcr.io/a/b:v1", "--tag", "ghcr.io/a/b:v1.0"]


def test_the_digest_is_what_docker_wrote():
    assert manifest.digest(json.dumps({"containerimage.descriptor": {"digest": AMD}})) == AMD


@pytest.mark.parametrize("text", ["{}", '{"containerimage.descriptor": {"digest": "latest"}}'])
def test_no_digest_is_no_image(text):
    with pytest.raises(Refusal, match="docker wrote no digest"):
        manifest.digest(text)
