"""What can be said of a pull request's stack files without any credentials: also of a fork's."""

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import settings
from ci.report import Refusal, main, needed, output, summary, table
from components.cost_estimate import UnknownPriceError, monthly_estimate
from sections.mistakes import UnusableError

FORK = (
    "This pull request comes from a fork, so nothing here has credentials: its stack files were read, and "
    "nothing was previewed. Somebody with write access who has read it can push its branch into this "
    "repository and open a pull request from there."
)


def before(stack: str, commit: str) -> str | None:
    """The stack's file at a commit; None where it had none."""
    done = subprocess.run(
        ["git", "show", f"{commit}:Pulumi.{stack}.yaml"], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None


def monthly(stack: str, text: str | None) -> float | None:
    """US dollars a month at list prices; None where nobody can say."""
    if text is None:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"Pulumi.{stack}.yaml"
        path.write_text(text)
        try:
            return monthly_estimate(settings.load(path)).dollars
        except (UnusableError, UnknownPriceError):
            return None


def costs(was: float | None, is_: float | None) -> str:
    """The change, for people."""
    if is_ is None:
        return "costs are not known"
    if not is_ and not was:
        return "costs nothing"
    if was is None:
        return f"about ${is_:,.0f} a month"
    if was == is_:
        return f"about ${is_:,.0f} a month, as before"
    return f"about ${is_:,.0f} a month, {'+' if is_ > was else '-'}${abs(is_ - was):,.0f}"


def read() -> None:
    """`python -m ci.files`, with TOUCHED, BASE and FORK: every mistake in the files, and what they cost."""
    stacks: list[str] = json.loads(needed("TOUCHED"))
    base, rows, mistakes = needed("BASE"), list[tuple[str, ...]](), list[str]()
    for stack in stacks:
        path = Path(f"Pulumi.{stack}.yaml")
        try:
            settings.load(path)
        except UnusableError as error:
            mistakes.append(str(error))
            continue
        rows.append((stack, costs(monthly(stack, before(stack, base)), monthly(stack, path.read_text()))))
    if rows:
        summary(table(("stack", "costs"), rows))
        print("\n".join(f"{stack}: {said}" for stack, said in rows))
    if os.environ.get("FORK") == "true":
        summary(FORK)
        print(f"::notice::{FORK}")
    output("mistakes", str(len(mistakes)))
    if mistakes:
        raise Refusal("\n".join(mistakes))


if __name__ == "__main__":
    main(read)
