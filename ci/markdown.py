"""What stands in comments and issues: other programs' words, which can't leave their place."""

import re

SHOWN_AT_MOST = 18_000
"""GitHub takes 65,536 characters a comment; three of these and a few words fit."""


def code(text: str, kind: str = "diff") -> str:
    """A block of code, whatever is in it."""
    text = text.strip("\n")
    if len(text) > SHOWN_AT_MOST:
        text = text[:SHOWN_AT_MOST] + "\n... the rest is in the log of the run"
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def folded(title: str, text: str) -> str:
    """A part that is opened by a click."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def plain(text: str) -> str:
    """One line of somebody's words; no link, tag or name in it is one."""
    for mark in ("\\", "`", "[", "*", "_", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("<", "&lt;").replace("@", "@\u200b").replace("\n", " ")
