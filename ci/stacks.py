"""Which stacks a workflow is for: those that somebody names, that a push pins anew, that a change touches.

`deploy`, `preview` or `drift`; outputs `include` and `any`, and of a preview `touched`.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from ci import rest
from ci.inputs import wrong
from ci.report import Refusal, choose, needed, output, summary
from sections.pin import Pin

PIN_BRANCH = "alys-release/pin"
"""Where branches begin that bring a pin back which a pipeline has already released."""
_FILE = re.compile(r"Pulumi\.([A-Za-z0-9_-]+)\.yaml")
_OF_NO_STACK = ("docs/", "tests/", "local/", "examples/", "checks/", "ci/", ".github/", "pipelines/")
_ASKED = ("version", "steps", "retry", "reason")
_BOT = "github-actions[bot]"


def pinned(text: str) -> dict[str, Any]:
    """The keys of the pin in a stack file; none where there is no file."""
    content = cast("dict[str, Any]", yaml.safe_load(text) or {})
    config = cast("dict[str, Any]", content.get("config") or {})
    return {key: config[f"alys:{key}"] for key in Pin.model_fields if f"alys:{key}" in config}


def pinned_anew(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The stacks whose pin differs, from the texts of their files; a new one isn't deployed by itself."""
    both = sorted(before.keys() & after.keys())
    return [stack for stack in both if pinned(before[stack]) != pinned(after[stack])]


def touched(paths: Iterable[str], stacks: Iterable[str]) -> list[str]:
    """The stacks that a change of these files may change: one by its own file, all by the program."""
    own: set[str] = set()
    for path in paths:
        if found := _FILE.fullmatch(path):
            own.add(found[1])
        elif not path.startswith(_OF_NO_STACK) and not path.endswith(".md"):
            return sorted(stacks)
    return sorted(own & set(stacks))


def with_environments(folder: Path) -> list[str]:
    """The stacks that have environments on GitHub."""
    return [stack for stack, text in _files(folder).items() if "alys:github" in _config(text)]


def brought_back(pulls: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a commit came by a pull request in which a pipeline said what it had already released."""
    return any(
        str(one["head"]["ref"]).startswith(f"{PIN_BRANCH}/") and one["user"]["login"] == _BOT for one in pulls
    )


def deploy() -> None:
    """What a dispatch or a tag names, or what a push pins anew: stacks, each with what was asked for it."""
    known = with_environments(Path())
    if os.environ.get("GITHUB_REF_TYPE") == "tag" and needed("GITHUB_EVENT_NAME") == "push":
        version = needed("GITHUB_REF_NAME")
        if said := wrong("version", version):
            raise Refusal(f"the tag {said}")
        matrix([{"stack": needed("TAGS_GO_TO"), **dict.fromkeys(_ASKED, ""), "version": version}])
        return
    if needed("GITHUB_EVENT_NAME") == "workflow_dispatch":
        stack = needed("STACK")
        if stack not in known:
            raise Refusal(f"{stack} has no environment on GitHub; there are {', '.join(known)}")
        matrix([{"stack": stack, **{name: os.environ.get(name.upper(), "") for name in _ASKED}}])
        return
    before = needed("BEFORE")
    wanted = [stack for stack in pinned_anew(_files_at(before), _files(Path())) if stack in known]
    released = [stack for stack in wanted if _released(stack, before)]
    if released:
        summary(f"The pin of {', '.join(released)} is what a pipeline has already released: nothing to do.")
    matrix([{"stack": stack, **dict.fromkeys(_ASKED, "")} for stack in wanted if stack not in released])


def preview() -> None:
    """The stacks that a pull request touches: all of them to be read, those with environments previewed."""
    changed = _git("diff", "--name-only", f"{needed('BASE')}...HEAD").splitlines()
    found, known = touched(changed, _files(Path())), with_environments(Path())
    matrix([{"stack": stack} for stack in found if stack in known])
    output("touched", json.dumps(found))


def drift() -> None:
    """Every stack."""
    matrix([{"stack": stack} for stack in with_environments(Path())])


def _released(stack: str, before: str) -> bool:
    """Whether all that a push did to a stack's file, in however many commits, was bringing pins back."""
    commits = _git(
        "log", "--format=%H", f"{before}..{needed('GITHUB_SHA')}", "--", f"Pulumi.{stack}.yaml"
    ).split()
    github = rest.connect()
    return bool(commits) and all(brought_back(github.get(f"commits/{one}/pulls")) for one in commits)


def matrix(entries: list[dict[str, str]]) -> None:
    """The outputs that a job's matrix is made of; GitHub takes none that is empty."""
    output("include", json.dumps(entries))
    output("any", str(bool(entries)).lower())


def _files(folder: Path) -> dict[str, str]:
    return {
        found[1]: path.read_text()
        for path in sorted(folder.glob("Pulumi.*.yaml"))
        if (found := _FILE.fullmatch(path.name))
    }


def _files_at(commit: str) -> dict[str, str]:
    names = _git("ls-tree", "--name-only", commit).splitlines()
    return {found[1]: _git("show", f"{commit}:{name}") for name in names if (found := _FILE.fullmatch(name))}


def _config(text: str) -> Mapping[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load(text) or {}).get("config") or {}


def _git(*argv: str) -> str:
    done = subprocess.run(["git", *argv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(
            f"`git {' '.join(argv[:2])}` failed: {done.stderr.strip()}. Does the checkout have the history?"
        )
    return done.stdout


if __name__ == "__main__":
    choose("ci.stacks", __doc__, {"deploy": deploy, "preview": preview, "drift": drift})
