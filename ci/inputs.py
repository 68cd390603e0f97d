"""Whether what somebody typed into a form has the shape that it must have, before anything else reads it."""

import argparse
import os
import re
from collections.abc import Mapping

from ci.report import Refusal, main

SHAPES = {
    "benchmark": (r"[a-z][a-z0-9_-]{0,63}", "the name of a bench target, such as node"),
    "commit": (r"[0-9a-f]{40}", "a whole commit, 40 hexadecimal digits"),
    "digest": (r"sha256:[0-9a-f]{64}", "a digest, sha256: and 64 hexadecimal digits"),
    "environment": (r"[a-z][a-z0-9-]{0,38}", "the name of an environment, such as staging"),
    "image": (r"[a-z0-9.-]+(?::\d+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+", "an image without a tag"),
    "flag": (r"true|false", "true or false"),
    "reason": (r"[^\x00-\x1f\x7f]{1,200}", "one line of at most 200 characters"),
    "steps": (r"\d{1,3}(?:,\d{1,3}){0,9}", "percents such as 10,50,100"),
    "version": (r"(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", "an image tag such as v1.0.0, not latest"),
}
_SHOWN_AT_MOST = 60


def wrong(shape: str, value: str) -> str | None:
    """What is wrong with a value, or nothing."""
    pattern, says = SHAPES[shape]
    if re.fullmatch(pattern, value, re.ASCII):
        return None
    return f"{value[:_SHOWN_AT_MOST]!r} is not {says}"


def judge(shapes: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Refuse the first value that has not its shape; `shapes` maps a variable to the shape of its value.

    One that may be left out has a question mark after its shape.
    """
    for variable, asked in shapes.items():
        shape = asked.removesuffix("?")
        if shape != asked and not environment.get(variable):
            continue
        if said := wrong(shape, environment.get(variable, "")):
            raise Refusal(f"{variable}: {said}. Start the workflow again with another value")


def check() -> None:
    """`python3 -m ci.inputs VARIABLE=SHAPE ...`; the values stand in the environment."""
    parser = argparse.ArgumentParser(prog="python3 -m ci.inputs", description=__doc__)
    parser.add_argument("variables", nargs="+", metavar="VARIABLE=SHAPE", help=f"one of {', '.join(SHAPES)}")
    pairs = dict(one.partition("=")[::2] for one in parser.parse_args().variables)
    if unknown := sorted({shape.removesuffix("?") for shape in pairs.values()} - set(SHAPES)):
        raise Refusal(f"no shape is called {', '.join(unknown)}; there are {', '.join(SHAPES)}")
    judge(pairs, os.environ)
    print(f"{', '.join(pairs)}: as they should be")


if __name__ == "__main__":
    main(check)
