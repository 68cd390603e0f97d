"""The policy pack on the real engine, with recorders for the cloud."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local import environment, stand_ins, tools
from policy.analyzer import VERSION
from policy.rules import PROGRAM_RULES, RULES

CLONE = Path(__file__).parents[2]
OWN = (
    "__main__.py",
    "configuration.py",
    "settings.py",
    "kubecontext.py",
    "components",
    "sections",
    "chart",
    "Pulumi.production.yaml",
)
PROGRAM = """
import pulumi
import pulumi_github as github

for name in ["guarded", "open"]:
    github.RepositoryEnvironment(
        name,
        repository="alys",
        environment=name,
        can_admins_bypass=name == "open",
        deployment_branch_policy={"protected_branches": True, "custom_branch_policies": False},
    )
given = pulumi.Output.secret("token")
github.ActionsEnvironmentSecret(
    "token", repository="alys", environment="guarded", secret_name="TOKEN", value=given
)
"""


@pytest.fixture
def engine(tmp_path):
    """A folder with an engine, its stand-ins and an empty state."""
    (tmp_path / "Pulumi.yaml").write_text("name: alys\nruntime: python\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "state").mkdir()
    for name, arguments in stand_ins.MODULES.items():
        shim = tmp_path / "bin" / name
        shim.write_text(environment.shim_text(CLONE, arguments))
        shim.chmod(0o755)
    (tmp_path / "bin" / "pulumi").symlink_to(tools.ensure("pulumi"))
    return tmp_path


@pytest.fixture
def project(engine):
    """A project whose one mistake is an environment that administrators go around."""
    (engine / "__main__.py").write_text(PROGRAM)
    pulumi(engine, "stack", "init", "test")
    return engine


@pytest.fixture
def production(engine):
    """The program and its biggest stack, with made-up secrets."""
    for name in OWN:
        source = CLONE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, engine / name)
    pulumi(engine, "stack", "init", "production")
    for arguments in (
        ("registry_token", "made-up"),
        ("--path", "secrets.node-key", "made-up"),
        ("--path", "github_secrets.NOTIFICATION_URLS", "slack://made-up"),
        ("--path", "alert_secrets.slack", "https://hooks.slack.com/services/made/up"),
    ):
        pulumi(engine, "config", "set", "--secret", *arguments)
    return engine


def pulumi(project, *arguments):
    return subprocess.run(
        ["pulumi", "--non-interactive", *arguments],
        check=False,
        cwd=project,
        capture_output=True,
        text=True,
        env={
            "PATH": f"{project / 'bin'}:{os.environ['PATH']}",
            "HOME": str(project),
            "PULUMI_BACKEND_URL": f"file://{project / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        },
    )


def preview(project):
    result = pulumi(project, "preview", "--policy-pack", str(CLONE / "policy"))
    return result.returncode, result.stdout + result.stderr


def test_a_preview_with_a_violation_fails_and_says_which(project):
    code, said = preview(project)
    assert code != 0
    assert "environments-without-bypass" in said
    assert "declare canAdminsBypass: false" in said


def test_only_the_wrong_resource_is_named(project):
    """The secret reaches the rules marked as one, so the rule on plain text leaves it alone."""
    _, said = preview(project)
    assert said.count("[mandatory]") == 1
    assert "no-plain-secrets" not in said


def test_a_preview_without_a_violation_passes(project):
    program = project / "__main__.py"
    program.write_text(program.read_text().replace('name == "open"', "False"))
    code, said = preview(project)
    assert code == 0, said


def test_an_update_makes_nothing_that_a_rule_refuses(project):
    result = pulumi(project, "up", "--yes", "--skip-preview", "--policy-pack", str(CLONE / "policy"))
    assert result.returncode != 0
    assert '"open"' not in pulumi(project, "stack", "export").stdout


def test_the_whole_of_production_passes(production):
    """Also while ids, ARNs and documents are still unknown."""
    code, said = preview(production)
    assert code == 0, said
    assert "[mandatory]" not in said


def test_the_pack_is_of_the_version_that_its_file_says():
    assert f"version: {VERSION}" in (CLONE / "policy" / "PulumiPolicy.yaml").read_text()


def test_every_rule_has_a_name_of_its_own_and_a_reason():
    rules = [*RULES, *PROGRAM_RULES]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.reason.endswith(".") for rule in rules)


def test_every_rules_module_is_listed():
    """A module that is forgotten in the list would hold nobody to anything."""
    modules = {path.stem for path in (CLONE / "policy" / "rules").glob("*.py")}
    listed = {rule.check.__module__.rpartition(".")[2] for rule in [*RULES, *PROGRAM_RULES]}
    assert modules - listed == {"__init__", "iam_document"}
