"""One issue for what a nightly run finds: opened when something fails, updated, closed when all is well."""

import argparse
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from ci import conclusion
from ci.report import Refusal, main, needed, summary

ANSWERS_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Action:
    """What is to be done to the issue."""

    verb: str
    """`open`, `update`, `close` or `nothing`."""
    number: int | None = None


def decide(number: int | None, *, failing: bool) -> Action:
    """From the number of the open issue, if there is one."""
    if failing:
        return Action("open") if number is None else Action("update", number)
    return Action("nothing") if number is None else Action("close", number)


def marker(name: str) -> str:
    """What an issue is found by again, whatever people make of its title."""
    return f"<!-- standing issue: {name} -->"


def body(name: str, failed: Mapping[str, str], run: str) -> str:
    """What failed, and where to look."""
    jobs = "\n".join(f"- `{job}`: {result}" for job, result in failed.items())
    return (
        f"{marker(name)}\nThe last nightly run did not succeed:\n\n{jobs}\n\n"
        f"[What it said]({run}). This text is written anew each night, and the issue is closed by itself "
        "when a run succeeds."
    )


class Issues:
    """The issues of a repository, over GitHub's REST API."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self._root, self._token = f"{api}/repos/{repository}/issues", token

    def find(self, name: str, label: str) -> int | None:
        """The open issue of this name, the oldest if there are several."""
        query = urlencode({"state": "open", "labels": label, "per_page": 100, "direction": "asc"})
        found = self._asked("GET", f"?{query}")
        numbers = [
            int(issue["number"])
            for issue in cast("list[dict[str, Any]]", found)
            if marker(name) in str(issue.get("body") or "")
        ]
        return min(numbers, default=None)

    def open(self, title: str, text: str, label: str) -> int:
        """A new one; GitHub makes the label if there is none."""
        made = self._asked("POST", "", {"title": title, "body": text, "labels": [label]})
        return int(cast("dict[str, Any]", made)["number"])

    def update(self, number: int, text: str) -> None:
        """Another text."""
        self._asked("PATCH", f"/{number}", {"body": text})

    def close(self, number: int, run: str) -> None:
        """With a word about why."""
        self._asked("POST", f"/{number}/comments", {"body": f"All is well again: {run}"})
        self._asked("PATCH", f"/{number}", {"state": "closed", "state_reason": "completed"})

    def _asked(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> object:
        request = urllib.request.Request(  # noqa: S310  GITHUB_API_URL is GitHub's own word
            self._root + path,
            method=method,
            data=None if content is None else json.dumps(content).encode(),
            headers={
                "Accept": "application/vnd.github+json, application/json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_WITHIN_SECONDS) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read(500).decode(errors="replace")
            raise Refusal(
                f"GitHub answered {method} issues{path.partition('?')[0]} with {error.code}: {said}. "
                "The job needs `issues: write`"
            ) from None
        except OSError as error:
            raise Refusal(f"GitHub does not answer: {error}") from None


def keep() -> None:
    """`python3 -m ci.standing_issue NAME --title T --label L`, with NEEDS, RUN_URL and GITHUB_TOKEN."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.standing_issue", description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--title", required=True)
    parser.add_argument("--label", required=True)
    given = parser.parse_args()
    run = needed("RUN_URL")
    failed = conclusion.verdict(json.loads(needed("NEEDS")))
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    issues = Issues(api, needed("GITHUB_REPOSITORY"), needed("GITHUB_TOKEN"))
    action = decide(issues.find(given.name, given.label), failing=bool(failed))
    number = action.number
    if action.verb == "open":
        number = issues.open(given.title, body(given.name, failed, run), given.label)
    elif action.verb == "update" and number is not None:
        issues.update(number, body(given.name, failed, run))
    elif action.verb == "close" and number is not None:
        issues.close(number, run)
    said = f"{action.verb} issue #{number}" if number else "nothing to say, and no issue that is open"
    summary(said)
    print(said)


if __name__ == "__main__":
    main(keep)
