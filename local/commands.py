"""Other programs, run to their end."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from local.errors import LocalError


def run(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    seconds: float = 300,
) -> str:
    """What a program printed; its own words on a failure, as a `LocalError`."""
    environment = os.environ | (env or {})
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            env=environment,
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except FileNotFoundError:
        raise LocalError(f"`{argv[0]}` is not on PATH") from None
    except subprocess.TimeoutExpired:
        raise LocalError(f"`{' '.join(argv)}` did not end within {seconds:.0f} s") from None
    if done.returncode:
        raise LocalError(f"`{' '.join(argv)}` said: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def answer(argv: Sequence[str], **options: Any) -> Any:
    """What a program printed as JSON."""
    return json.loads(run(argv, **options))


def works(argv: Sequence[str], **options: Any) -> bool:
    """Whether a program can be run and ends well."""
    try:
        run(argv, **options)
    except LocalError:
        return False
    return True
