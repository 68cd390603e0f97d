"""What the fields mean that the verbs of `release` print with `--json`."""

from collections.abc import Mapping

RESULT = {
    "stack": "The stack.",
    "verb": "`deploy`, `promote`, `migrate`, `rollback` or `restore`.",
    "run": "Names the run in the history, and its folder below `.release/`.",
    "outcome": "How it ended, as the table of exit codes says it.",
    "exit_code": "The command's exit code.",
    "release": "What was to run: `version@digest+flags/phase`.",
    "before": "What ran when it began; null for the first release.",
    "runs": "What runs now; null where it isn't known.",
    "share": "The pods that the stack file now pins it for: `2 of 4 pods (50 %)`.",
    "reason": "Why it didn't end as wished; empty where it did.",
    "gates": "What the gates said last, each as below.",
    "evidence": "Files with logs and events of pods that failed.",
    "seconds": "How long it took.",
    "file_changed": "The stack file, where the run changed it and it is to be committed; else null.",
    "undelivered": "Messages that didn't arrive, and why.",
}
FINDING = {
    "gate": "The gate's name in `migration/gates.toml`.",
    "verdict": "`pass`, `fail`, `no data` or `error`; only `pass` promotes.",
    "reason": "The figure and the bound.",
    "query": "The PromQL query as it was asked.",
    "value": "Its value; null where there was none.",
}
STATUS = {"stacks": "A row for each stack."}
ROW = {
    "stack": "The stack.",
    "pinned": "What the stack file pins: `version@digest+flags`; null where it can't be read.",
    "share": "The pods that the pin is for.",
    "running": "What Helm has deployed: `version@digest`; null where nothing is, or nobody could be asked.",
    "pods": "By version: how many pods there are (`pods`), and how many of them are ready (`ready`).",
    "last_good": "The newest release that can be gone back to; null where there is none.",
    "on_hold": "Releases that failed or were rolled back from: `release`, `since`, `rolled_back`, `reason`.",
    "last": "The newest update, as in the history.",
    "drift": "What runs otherwise than pinned or than Helm made it; null where nobody could compare.",
    "at_work": "Whether a run may be changing the stack now.",
    "locks": "Each with `owner`, `user`, `host`, `process`, `since`, `seconds`; null where none can be seen.",
    "turn": "Process of the run of this clone that is at work; null where there is none.",
    "monthly_estimate": "With `--costs`, what the stack costs a month; else null.",
    "troubles": "What could not be asked (`what`), and how that is mended (`remedy`).",
}
HISTORY = {
    "stack": "The stack.",
    "updates": "The newest updates, the newest first.",
    "older": "How many there are before them.",
}
UPDATE = {
    "began": "When it began.",
    "ended": "When it ended; null while it runs.",
    "what": "`deploy`, `promote`, `migrate`, `rollback`, `withdraw` (cancelled), `by hand`, or Pulumi's own.",
    "who": "Who ran it.",
    "from": "What ran before, or what a rollback left; null for the first.",
    "to": "What it was to make run.",
    "percent": "The pinned percent.",
    "share": "The pods that this means.",
    "step": "`1/3` of its run; null outside of steps.",
    "outcome": "`good` where it can be gone back to, else `done`; `failed` or `in progress`.",
    "why": "Its reason, or its title.",
    "run": "One for all updates of a run.",
}
PLAN = {
    "stack": "The stack.",
    "forward": "What the release would change.",
    "way_back": "What going back from it would change; null where there is nothing to go back to.",
    "open": "Whether the way back is open.",
    "obstacles": "Why nobody can be sure of it.",
    "notes": "What could not be looked at, and what stands in for it.",
    "on_hold": "Why `deploy` would refuse it without `--retry`; null where it wouldn't.",
}
DIFFERENCE = {
    "from": "What is left; null for the first release.",
    "to": "What comes.",
    "pin": "A line for each part of the pin that changes.",
    "changes": "Whether the engine would change anything from what runs now.",
    "preview": "The engine's preview.",
}
GATE = {
    "phase": "The phase whose gates were asked.",
    "version": "The version that they were asked about.",
    "verdict": "The worst verdict.",
    "gates": "Each gate, as below.",
}
VERIFY = {
    "version": "The pinned version.",
    "digest": "The pinned digest.",
    "share": "The ready pods that run the pin.",
    "problems": "What isn't as pinned.",
}
DOCTOR = {
    "stack": "The stack that was looked at; null without one.",
    "well": "Whether nothing is wrong.",
    "checks": "Each thing that was looked at.",
}
CHECK = {
    "name": "What was looked at.",
    "health": "`ok`, `wrong` or `not asked`.",
    "said": "What was found, or why nobody was asked.",
    "remedy": "For what is wrong: the command that mends it.",
}
BACKUPS = {
    "stack": "The stack.",
    "made": "The backup that was just made; else null.",
    "deleted": "Those that retention let go.",
    "backups": "All on the volume, the newest first.",
}
BACKUP = {
    "name": "What `release restore` takes.",
    "made": "When its last part was.",
    "size": "In bytes, of all pods.",
    "format": "Of its data.",
    "pods": "By pod: the manifest of its part, with version, phase, height, state root and checksum.",
    "problems": "What keeps it from being restored.",
}
REHEARSAL = {
    "stack": "The stack.",
    "crossing": "`from`, `to`, `pin`, `formats`, `way_back`, `reversible`, `last_seconds`.",
    "backup": "The backup whose data the copy had.",
    "runs": "Those on the copy, as they end: the start, into the phase, back. One that fails is the last.",
    "problem": "What was found wrong at last; empty where nothing was.",
    "seconds": "From the first volume until nothing was left.",
    "outcome": "`done`, `not well`, or `cancelled`.",
}

Fields = Mapping[str, str]
_CHANGED: Mapping[str, Fields] = {"": RESULT, "gates": FINDING}
FIELDS: Mapping[str, Mapping[str, Fields]] = {
    "deploy": _CHANGED,
    "promote": _CHANGED,
    "rollback": _CHANGED,
    "migrate": {**_CHANGED, "the whole, with --rehearse": REHEARSAL},
    "backup": {"": BACKUPS, "backups": BACKUP},
    "backups": {"": BACKUPS, "backups": BACKUP},
    "restore": _CHANGED,
    "status": {"": STATUS, "stacks": ROW},
    "history": {"": HISTORY, "updates": UPDATE},
    "plan": {"": PLAN, "forward and way_back": DIFFERENCE},
    "gate": {"": GATE, "gates": FINDING},
    "verify": {"": VERIFY},
    "doctor": {"": DOCTOR, "checks": CHECK},
}
"""By verb: the fields at the top, and those of what is inside."""
