"""Programs that stand in for real ones on PATH; each says on its standard error that it is a fake."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """#!{python}
import json, sys
from pathlib import Path
sys.stderr.write("this is a fake {name}\\n")
folder, name = Path({folder!r}), {name!r}
with (folder / "calls.jsonl").open("a") as calls:
    stdin = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read()
    calls.write(json.dumps([[name, *sys.argv[1:]], stdin]) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
line = " ".join([name, *sys.argv[1:]])
for start, (text, code) in sorted(answers.items(), key=lambda item: -len(item[0])):
    if line.startswith(start):
        sys.stdout.write(text)
        sys.exit(code)
sys.exit(f"the fake has no answer to: {{line}}")
"""


@dataclass(frozen=True)
class FakePrograms:
    """A folder for PATH. Answers are chosen by the longest beginning of the command line that matches."""

    folder: Path

    def program(self, name: str) -> Path:
        path = self.folder / name
        path.write_text(SCRIPT.format(python=sys.executable, name=name, folder=str(self.folder)))
        path.chmod(0o755)
        if not self._answers.exists():
            self._answers.write_text("{}")
        return path

    def answer(self, line: str, text: str = "", code: int = 0) -> None:
        name = line.split(maxsplit=1)[0]
        if not (self.folder / name).exists():
            self.program(name)
        self._answers.write_text(json.dumps(json.loads(self._answers.read_text()) | {line: [text, code]}))

    def calls(self) -> list[list[str]]:
        return [argv for argv, _ in self._recorded()]

    def stdin_of(self, *start: str) -> str:
        return next(stdin for argv, stdin in self._recorded() if argv[: len(start)] == list(start))

    def forget(self) -> None:
        (self.folder / "calls.jsonl").unlink(missing_ok=True)

    @property
    def _answers(self) -> Path:
        return self.folder / "answers.json"

    def _recorded(self) -> list[tuple[list[str], str]]:
        file = self.folder / "calls.jsonl"
        return [tuple(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []
