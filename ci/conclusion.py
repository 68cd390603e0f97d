"""Whether a pipeline is green: every job that it needs ran to its end and succeeded.

GitHub itself takes a skipped job for a success, and so would a required check.
"""

import json
from collections.abc import Mapping

from ci.report import Refusal, main, needed, summary, table


def verdict(needs: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """The jobs that did not succeed, each with what became of it."""
    return {
        name: str(job.get("result")) for name, job in sorted(needs.items()) if job.get("result") != "success"
    }


def conclude() -> None:
    """Judge `NEEDS`, the `needs` context as JSON."""
    needs: dict[str, dict[str, object]] = json.loads(needed("NEEDS"))
    if not needs:
        raise Refusal("this job needs no other, so there is nothing that could have succeeded")
    summary(table(("job", "result"), [(name, str(job.get("result"))) for name, job in sorted(needs.items())]))
    if failed := verdict(needs):
        raise Refusal(
            "not every job succeeded: " + ", ".join(f"{name} ({result})" for name, result in failed.items())
        )
    print(f"all of {', '.join(sorted(needs))} succeeded")


if __name__ == "__main__":
    main(conclude)
