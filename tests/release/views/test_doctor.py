from release.health.checkup import checkup, not_asked, ok, wrong
from release.outcome import Outcome
from release.views.doctor import view
from tests.release.views.pages import shown

LONG = "export SOMETHING=" + "x" * 100
SICK = checkup(
    "staging", [ok("helm", "v3.22.0"), wrong("pulumi", "none " * 30, LONG), not_asked("github", "-")]
)


def test_each_thing_is_a_line_and_what_is_wrong_has_its_command_below():
    lines = shown(view, SICK)
    assert lines[0].split() == ["helm", "ok", "v3.22.0"]
    assert f"    {LONG}" in lines, "a command stays on one line, so that it can be pasted"
    assert lines[-1] == "1 thing is wrong."


def test_everything_but_commands_fits_80_columns():
    assert all(len(line) <= 80 for line in shown(view, SICK) if LONG not in line)


def test_the_exit_code_says_whether_something_is_wrong():
    assert SICK.outcome is Outcome.NOT_WELL
    well = checkup(None, [ok("helm", "v3.22.0"), not_asked("github", "-")])
    assert well.outcome is Outcome.DONE
    assert shown(view, well)[-1] == "Nothing is wrong."


def test_colours_are_for_terminals_alone():
    assert "\x1b[" in "".join(shown(view, SICK, terminal=True))
    assert "\x1b[" not in "".join(shown(view, SICK))
