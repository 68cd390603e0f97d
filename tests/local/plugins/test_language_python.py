import subprocess
import sys

import pytest

from local.plugins.language_python import installed

POLICY = """
import os, sys
print("this is no port", os.environ.get("PULUMI_TEST_MARK"), file=sys.stderr)
sys.exit(4)
"""


def test_a_program_knows_where_it_runs(stack):
    stack.write(
        "import os, sys, beside\n"
        "told = [pulumi.get_project(), pulumi.get_stack(), os.getcwd(), sys.argv[1:], beside.TEXT]\n"
        "pulumi.export('seen', told)"
    )
    (stack.folder / "beside.py").write_text("TEXT = 'imported'\n")
    stack.succeed("up", "--yes", "--skip-preview")
    assert stack.outputs()["seen"] == ["small", "dev", str(stack.folder), [], "imported"]


def test_what_a_program_prints_reaches_the_user(stack):
    stack.write("import sys\nprint('to out')\nprint('to err', file=sys.stderr)")
    shown = stack.succeed("preview")
    assert "to out" in shown
    assert "to err" in shown


def test_a_secret_stays_secret(stack):
    stack.succeed("config", "set", "--secret", "word", "hush")
    stack.write("pulumi.export('word', pulumi.Config().require_secret('word'))")
    assert "hush" not in stack.succeed("up", "--yes", "--skip-preview")
    assert "hush" not in (stack.folder.parent / "state" / ".pulumi/stacks/small/dev.json").read_text()
    assert stack.succeed("stack", "output", "word", "--show-secrets").strip() == "hush"


def test_a_run_error_is_its_message_alone(stack):
    stack.write("raise pulumi.RunError('Pulumi.dev.yaml: `version` is missing')")
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert done.stdout.count("error: Pulumi.dev.yaml: `version` is missing") >= 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "unhandled" not in done.stdout + done.stderr


def test_any_other_error_shows_the_programs_own_traceback(stack):
    stack.write("def deep():\n    {}['missing']\ndeep()")
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert "KeyError: 'missing'" in done.stdout
    assert "in deep" in done.stdout
    assert "runpy" not in done.stdout
    assert "language_python" not in done.stdout


def test_an_error_inside_an_apply_fails_the_update(stack):
    stack.write("pulumi.export('x', pulumi.Output.from_input(1).apply(lambda one: one / 0))")
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stdout


def test_an_exit_code_fails_the_update(stack):
    stack.write("import sys\nsys.exit(3)")
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert "sys.exit(3)" in done.stdout


def test_a_folder_without_a_program_is_named(stack):
    done = stack.pulumi("preview")
    assert done.returncode != 0
    assert "`__main__.py` is missing" in done.stdout + done.stderr


def test_the_engine_can_ask_about_python(stack):
    stack.write("")
    about = stack.succeed("about")
    assert sys.executable in about
    assert "alys-release" in about


def test_installing_says_what_installs(stack):
    stack.write("")
    done = subprocess.run(
        ["pulumi", "install"],
        cwd=stack.folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "uv sync" in done.stdout


def test_a_policy_pack_that_can_not_start_says_why(stack, tmp_path):
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(POLICY)
    stack.environment["PULUMI_TEST_MARK"] = "marked"
    stack.write("")
    done = stack.pulumi("preview", "--policy-pack", str(pack))
    assert done.returncode != 0
    assert "this is no port marked" in done.stdout + done.stderr


def test_a_requirement_of_another_package_is_left_out_unless_asked_for():
    assert "pydantic-core" in installed(transitive=True)
    assert "pydantic-core" not in installed(transitive=False)


@pytest.mark.parametrize("name", ["pulumi", "pydantic"])
def test_installed_packages_are_told_with_their_versions(name):
    from importlib.metadata import version  # noqa: PLC0415

    assert installed(transitive=True)[name] == version(name)
