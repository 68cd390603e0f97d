"""What each environment has, by key of its stack file."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from settings import load
from tests.stacks import CLONE, recorded

PAGE = CLONE / "docs" / "environments.md"
ENVIRONMENTS = ("testnet", "staging", "canary", "production")
NOTHING = "-"
_HEAD = """# What each environment has

Made by `make docs` from the stack files and from what the program declares for them, every default filled in.
What runs, the pin, is left out: it changes with every deployment, and `pulumi stack output` shows it.
"""


def page() -> str:
    """The page's text."""
    values = {stack: dict(_flat(_settings(CLONE / f"Pulumi.{stack}.yaml"))) for stack in ENVIRONMENTS}
    keys = sorted({key for of_stack in values.values() for key in of_stack})
    rows = {key: [values[stack].get(key, NOTHING) for stack in ENVIRONMENTS] for key in keys}
    differing = {key: row for key, row in rows.items() if len(set(row)) > 1}
    same = {key: row[:1] for key, row in rows.items() if key not in differing}
    return "\n".join(
        [
            _HEAD,
            "## What differs\n",
            *_table(("key", *ENVIRONMENTS), differing),
            "\n## What is the same everywhere\n",
            *_table(("key", "value"), same),
            "\n## How many resources that makes\n",
            *_table(("of", *ENVIRONMENTS), _counts()),
            "",
        ]
    )


def _settings(path: Path) -> Mapping[str, Any]:
    return load(path).model_dump(exclude={"pin"}, exclude_none=True, mode="json")


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            yield from _flat(one, f"{path}.{key}" if path else key)
    else:
        yield path, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(one) for one in value) or NOTHING
    return NOTHING if value in ({}, "") else str(value).replace("|", "\\|")


def _counts() -> dict[str, list[str]]:
    made = {stack: Counter(_counted(stack)) for stack in ENVIRONMENTS}
    kinds = sorted({kind for counter in made.values() for kind in counter})
    rows = {f"`{kind}`": [str(made[stack][kind]) for stack in ENVIRONMENTS] for kind in kinds}
    return {**rows, "all": [str(sum(made[stack].values())) for stack in ENVIRONMENTS]}


def _counted(stack: str) -> Iterator[str]:
    for one in recorded(stack).registrations:
        package, module, _ = one.type.split(":")
        if package not in {"pulumi", "alys"}:
            yield f"{package}:{module.partition('/')[0]}" if package == "aws" else package


def _table(head: tuple[str, ...], rows: Mapping[str, list[str]]) -> list[str]:
    lines = [head, tuple("---" for _ in head)]
    lines += [(key if key.startswith("`") or key == "all" else f"`{key}`", *row) for key, row in rows.items()]
    return [f"| {' | '.join(line)} |" for line in lines]
