"""Every step of the image's pipeline that runs a script; Docker is played by a program that remembers."""

import json
import stat

import pytest

from tests.pipelines.runner import job
from tests.pipelines.workspace import bare

AMD, ARM, ALL = (f"sha256:{letter * 64}" for letter in "abc")
DOCKER = f"""#!/bin/sh
printf '%s\\n' "$@" > "$0.asked"
test -e "$0.fails" && exit 1
for word in "$@"; do
  test "$before" = --metadata-file && echo '{{"containerimage.descriptor": {{"digest": "{ALL}"}}}}' > "$word"
  before="$word"
done
echo '{{"SPDXID": "SPDXRef-DOCUMENT"}}'
"""
ACTIONS = {
    "event_name": "push",
    "ref": "refs/tags/v1.2.3",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "server_url": "https://github.com",
    "repository": "alys/alys",
}


@pytest.fixture
def docker(tmp_path):
    program = tmp_path / "docker"
    program.write_text(DOCKER)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def image(name, root, **contexts):
    bare(root)
    run = job("image.yml", name, root, **contexts)
    run.environment["PATH"] = f"{root}:/usr/bin:/bin"
    return run


def plan(root, inputs=None, **actions):
    github = ACTIONS | {"event": {}} | actions
    run = image("plan", root, github=github, inputs=inputs or {"image": ""})
    return run, run.step("What it is called")


@pytest.mark.runs("image.yml/plan/What it is called")
def test_a_version_is_planned(tmp_path):
    run, done = plan(tmp_path)
    assert done.passed, done.said
    planned = run.outputs("plan")
    assert planned["tags"].split() == [
        f"ghcr.io/alys/alys:{tag}" for tag in ("v1.2.3", "v1.2", "sha-0123456789ab")
    ]
    assert planned["version"] == "v1.2.3"
    assert (planned["push"], planned["cache_from_amd64"]) == ("true", "")
    assert "org.opencontainers.image.source=https://github.com/alys/alys" in planned["labels"].splitlines()


@pytest.mark.runs("image.yml/plan/What it is called")
def test_everything_that_is_planned_is_handed_on(tmp_path):
    run, _ = plan(tmp_path)
    assert run.outputs("plan").keys() == run.job.content["outputs"].keys()


@pytest.mark.runs("image.yml/plan/What it is called")
def test_a_pull_request_of_a_fork_is_built_and_not_pushed(tmp_path):
    event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "mallory/alys"}}}}
    run, done = plan(tmp_path, event_name="pull_request", ref="refs/pull/7/merge", event=event)
    assert done.passed, done.said
    assert run.outputs("plan")["push"] == "false"
    assert run.outputs("plan")["tags"].split()[0].endswith(":pr-7")


@pytest.mark.runs("image.yml/plan/What it is called")
def test_a_pull_request_of_a_repository_that_is_a_fork_itself_is_pushed(tmp_path):
    """Of its own branches: what GitHub calls a fork is where a repository came from."""
    event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "alys/alys", "fork": True}}}}
    run, _ = plan(tmp_path, event_name="pull_request", ref="refs/pull/7/merge", event=event)
    assert run.outputs("plan")["push"] == "true"


@pytest.mark.runs("image.yml/plan/What it is called")
def test_a_place_that_is_none_stops_the_plan(tmp_path):
    _, done = plan(tmp_path, inputs={"image": "ghcr.io/alys/node,push=true"})
    assert not done.passed
    assert "IMAGE: 'ghcr.io/alys/node,push=true' is not an image" in done.said


def build(root):
    needs = {"plan": {"outputs": {"image": "ghcr.io/alys/alys", "push": "true"}}}
    steps = {"build": {"outputs": {"digest": AMD}}}
    return image("build", root, needs=needs, steps=steps, matrix={"platform": "amd64"})


@pytest.mark.runs("image.yml/build/What is in it", "image.yml/build/Write its digest down")
def test_a_build_hands_its_digest_and_its_contents_on(tmp_path, docker):
    run = build(tmp_path)
    done = run.step("What is in it")
    assert done.passed, done.said
    assert json.loads((tmp_path / "sbom.spdx.json").read_text()) == {"SPDXID": "SPDXRef-DOCUMENT"}
    assert f"ghcr.io/alys/alys@{AMD}" in docker.with_name("docker.asked").read_text().split()
    assert run.step("Write its digest down").passed
    assert (tmp_path / "digests" / "amd64").read_text() == f"{AMD}\n"


def publish(root):
    tags = "ghcr.io/alys/alys:v1.2.3\nghcr.io/alys/alys:v1.2"
    needs = {"plan": {"outputs": {"image": "ghcr.io/alys/alys", "tags": tags, "push": "true"}}}
    return image("publish", root, needs=needs)


def digests(root):
    (root / "digests").mkdir()
    for platform, digest in (("amd64", AMD), ("arm64", ARM)):
        (root / "digests" / platform).write_text(f"{digest}\n")


@pytest.mark.runs("image.yml/publish/One image, and its names")
def test_an_image_gets_its_names_and_its_digest_is_the_output(tmp_path, docker):
    digests(tmp_path)
    run = publish(tmp_path)
    done = run.step("One image, and its names")
    assert done.passed, done.said
    assert run.outputs("publish") == {"digest": ALL}
    asked = docker.with_name("docker.asked").read_text().split()
    assert asked[-2:] == [f"ghcr.io/alys/alys@{AMD}", f"ghcr.io/alys/alys@{ARM}"]
    assert f"| ghcr.io/alys/alys:v1.2.3 | {ALL} |" in done.summary


@pytest.mark.runs("image.yml/publish/One image, and its names")
def test_an_image_without_one_of_its_platforms_gets_no_name(tmp_path, docker):
    digests(tmp_path)
    (tmp_path / "digests" / "arm64").unlink()
    done = publish(tmp_path).step("One image, and its names")
    assert not done.passed
    assert "the build for arm64 left no digest" in done.said
    assert not docker.with_name("docker.asked").exists()


@pytest.mark.runs("image.yml/publish/One image, and its names")
def test_a_docker_that_fails_leaves_no_digest(tmp_path, docker):
    digests(tmp_path)
    docker.with_name("docker.fails").touch()
    run = publish(tmp_path)
    assert not run.step("One image, and its names").passed
    assert run.outputs("publish") == {}


def test_nothing_has_a_name_before_it_was_scanned():
    names = [step.name for step in job("image.yml", "build", None).job.steps]
    assert names.index("Build") < names.index("Scan") < names.index("Attest what is in it")
    publishing = job("image.yml", "publish", None).job
    assert "build" in publishing.needs
    build_step = job("image.yml", "build", None).job.step("Build").content["with"]
    assert "tags" not in build_step


def test_the_scan_blocks_on_what_can_be_mended():
    scan = job("image.yml", "build", None).job.step("Scan").content
    assert (scan["with"]["fail-build"], scan["with"]["only-fixed"]) == (True, True)
    assert scan["with"]["severity-cutoff"] == "high"
    assert "continue-on-error" not in scan
    assert "if" not in scan
