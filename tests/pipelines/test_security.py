"""Every step of the security checks, on the sample node, with a database of advisories of the tests' own."""

import json
import subprocess

import pytest

from tests.ci.test_standing_issue import FAILED, github  # noqa: F401  a fixture
from tests.pipelines.runner import job
from tests.pipelines.workflows import ROOT
from tests.pipelines.workspace import commit, git

pytestmark = [pytest.mark.cargo, pytest.mark.timeout(600)]

HOLE = """```toml
[advisory]
id = "RUSTSEC-2026-9999"
package = "tokio"
date = "2026-01-01"
url = "https://advisories.test/9999"
categories = ["denial-of-service"]

[versions]
patched = [">= 99.0.0"]
```

# A hole made up for a test

It is there to be found.
"""
# GitHub's runners fetch the real one; here its place is taken by a folder, in each tool's own way.
AUDIT = """[database]
path = "{folder}"
fetch = false
stale = true

[yanked]
enabled = false
update_index = false
"""
URL = "https://advisories.test/db"


@pytest.fixture
def advisories(tmp_path, node):
    """A database that at first knows nothing of the node's crates; its tools read it."""
    folder = tmp_path / "db"
    publish(folder, of="a-crate-that-the-node-has-not")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "none")
    fetched = f'db-path = "{tmp_path / "fetched"}"\ndb-urls = ["{URL}"]\ngit-fetch-with-cli = true'
    with (
        node.with_file(".cargo/audit.toml", AUDIT.format(folder=folder)),
        node.changed("deny.toml", "[advisories]", f"[advisories]\n{fetched}"),
    ):
        yield folder


@pytest.fixture
def security(node, advisories):
    """A job of security.yml that has installed its tools."""

    def run(name):
        run = job("security.yml", name, node.root)
        run.environment |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{advisories}.insteadOf",
            "GIT_CONFIG_VALUE_0": URL,
        }
        tools = run.step("Tools")
        assert tools.passed, tools.said
        return run

    return run


def publish(advisories, of="tokio"):
    number = "9999" if of == "tokio" else "9998"
    file = advisories / "crates" / of / f"RUSTSEC-2026-{number}.md"
    file.parent.mkdir(parents=True)
    file.write_text(HOLE.replace("tokio", of).replace("9999", number))


@pytest.mark.runs("security.yml/advisories/Tools", "security.yml/advisories/Known holes")
def test_a_crate_with_a_hole_stops_the_audit(security, advisories):
    run = security("advisories")
    done = run.step("Known holes")
    assert done.passed, done.said
    publish(advisories)
    commit(advisories, "a hole")
    done = run.step("Known holes")
    assert not done.passed
    assert "RUSTSEC-2026-9999" in done.said
    assert "Upgrade to >=99.0.0" in done.said


@pytest.mark.runs(
    "security.yml/policy/Tools",
    "security.yml/policy/Advisories",
    "security.yml/policy/Licences",
    "security.yml/policy/Forbidden crates and sources",
)
def test_the_sample_node_keeps_its_policy(security):
    run = security("policy")
    for step in ("Advisories", "Licences", "Forbidden crates and sources"):
        done = run.step(step)
        assert done.passed, done.said
        assert "unmatched" not in done.said, "the policy allows what nothing needs"


@pytest.mark.runs("security.yml/policy/Tools", "security.yml/policy/Advisories")
def test_a_crate_with_a_hole_breaks_the_policy(security, advisories):
    publish(advisories)
    commit(advisories, "a hole")
    done = security("policy").step("Advisories")
    assert not done.passed
    assert "RUSTSEC-2026-9999" in done.said


@pytest.mark.runs(
    "security.yml/policy/Tools",
    "security.yml/policy/Licences",
    "security.yml/policy/Forbidden crates and sources",
)
def test_a_licence_that_is_not_allowed_stops_that_step_alone(security, node):
    with node.changed("deny.toml", '"MIT", ', ""):
        run = security("policy")
        done = run.step("Licences")
        other = run.step("Forbidden crates and sources")
    assert not done.passed
    assert "MIT" in done.said
    assert "not explicitly allowed" in done.said
    assert other.passed


@pytest.mark.runs(
    "security.yml/policy/Tools",
    "security.yml/policy/Licences",
    "security.yml/policy/Forbidden crates and sources",
)
def test_a_forbidden_crate_stops_that_step_alone(security, node):
    with node.changed("deny.toml", 'crate = "libgit2-sys"', 'crate = "tokio"'):
        run = security("policy")
        done = run.step("Forbidden crates and sources")
        other = run.step("Licences")
    assert not done.passed
    assert "crate 'tokio" in done.said
    assert "a node has no business with git" in done.said
    assert other.passed


@pytest.mark.runs("security.yml/policy/Tools", "security.yml/policy/Findings as SARIF")
def test_what_breaks_the_policy_is_uploaded_as_sarif(security, node):
    with node.changed("deny.toml", 'crate = "libgit2-sys"', 'crate = "tokio"'):
        security("policy").step("Findings as SARIF")
    report = json.loads((node.node / "cargo-deny.sarif").read_text())
    assert any("tokio" in json.dumps(result) for result in report["runs"][0]["results"])


@pytest.mark.runs("security.yml/policy/Tools", "security.yml/policy/Findings as SARIF")
def test_what_keeps_the_policy_is_a_report_without_findings(security, node):
    done = security("policy").step("Findings as SARIF")
    assert done.passed, done.said
    (run,) = json.loads((node.node / "cargo-deny.sarif").read_text())["runs"]
    assert run["results"] == []


@pytest.mark.runs("security.yml/code/Tools", "security.yml/code/Dangerous code")
def test_the_sample_node_has_no_dangerous_code(security, node):
    done = security("code").step("Dangerous code")
    assert done.passed, done.said
    assert json.loads((node.node / "semgrep.sarif").read_text())["runs"][0]["results"] == []
    scanned = [line for line in done.said.splitlines() if "Targets scanned" in line]
    assert int(scanned[0].rpartition(":")[2]) >= 12, "semgrep looked at next to nothing"


@pytest.mark.runs("security.yml/code/Tools", "security.yml/code/Dangerous code")
def test_a_shell_in_the_code_stops_the_step(security, node):
    command = 'std::process::Command::new("sh").arg("-c").arg("ls").status()'
    with node.with_file("src/bin/slip.rs", f"fn main() {{\n    let _ = {command};\n}}\n"):
        done = security("code").step("Dangerous code")
    assert not done.passed
    assert "shell-command" in done.said
    assert "Start the program itself" in " ".join(done.said.split())


def test_every_rule_of_semgrep_has_an_example_of_both_kinds(security):
    run = security("code")
    argv = ["semgrep", "scan", "--test", "--json", "--config", "rust.yaml", "rust.rs"]
    environment = run._environment({}) | {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
    done = subprocess.run(
        argv, cwd=ROOT / "ci/rules", env=environment, capture_output=True, text=True, check=False
    )
    results = json.loads(done.stdout)["results"]
    checks = {
        rule.rpartition(".")[2]: one for file in results.values() for rule, one in file["checks"].items()
    }
    examples = (ROOT / "ci/rules/rust.rs").read_text()
    rules = (ROOT / "ci/rules/rust.yaml").read_text().count("- id: ")
    assert len(checks) == rules
    for rule, check in checks.items():
        assert check["passed"], check
        assert f"// ruleid: {rule}\n" in examples
        assert f"// ok: {rule}\n" in examples


@pytest.mark.runs("security.yml/report/One issue, opened, updated or closed")
def test_the_nightly_report_opens_an_issue(github, node):  # noqa: F811
    actions = {
        "api_url": github.address,
        "repository": "alys/alys",
        "server_url": "https://github.com",
        "run_id": "7",
    }
    done = job("security.yml", "report", node.root, github=actions, needs=FAILED).step(
        "One issue, opened, updated or closed"
    )
    assert done.passed, done.said
    assert "https://github.com/alys/alys/actions/runs/7" in github.issues[1]["body"]
    assert github.issues[1]["title"] == "Security findings in the node"
    assert github.requests[0].headers["authorization"] == "Bearer a-token-of-a-test"
