"""The summary of a run on its page in GitHub Actions."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from release.gates import Finding
from release.telling.notices import Notice
from release.telling.redaction import Redactor

VARIABLE = "GITHUB_STEP_SUMMARY"


def write(
    environment: Mapping[str, str], notice: Notice, findings: Iterable[Finding], *, redactor: Redactor
) -> bool:
    """Add to the file that GitHub Actions names; False outside of it, or where it can't be written."""
    if not environment.get(VARIABLE):
        return False
    try:
        with Path(environment[VARIABLE]).open("a") as file:
            file.write(redactor.text(markdown(notice, findings)))
    except OSError:
        return False
    return True


def markdown(notice: Notice, findings: Iterable[Finding]) -> str:
    """The notice, and a table of the gates."""
    lines = [
        f"### {_escaped(notice.title)}",
        "",
        *(f"{_escaped(line)}  " for line in notice.body.splitlines()),
    ]
    rows = [
        f"| {_escaped(f.gate)} | {f.verdict.value} | {_escaped(f.reason)} | {_code(f.query)} |"
        for f in findings
    ]
    if rows:
        lines += ["", "| gate | verdict | why | query |", "|---|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    # What people and metrics say is text here, never a link, a tag or a cell of its own.
    for mark in ("\\", "|", "[", "*", "_", "`"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;").replace("\n", " ")


def _code(text: str) -> str:
    quiet = text.replace("`", "'").replace("|", "\\|").replace("\n", " ")
    return f"`{quiet}`"
