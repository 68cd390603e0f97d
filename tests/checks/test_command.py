import pytest

from checks import github, package
from checks.__main__ import main
from tests.checks.conftest import answering

STACK_FILE = "config:\n  alys:github:\n    repository: alys/alys\n"
FOUND = {"id": 22, "full_name": "alys/alys", "default_branch": "main", "private": False, "owner": {"id": 11}}


@pytest.fixture
def answers(tmp_path, monkeypatch):
    known = {"/repos/alys/alys": (200, FOUND)}
    (tmp_path / "Pulumi.staging.yaml").write_text(STACK_FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(github, "connect", lambda: answering(known))
    monkeypatch.setattr(package, "connect", lambda: answering({}))
    return known


def test_what_is_right_ends_with_0(answers, capsys):
    assert main("staging") == 0
    assert capsys.readouterr().out == "ok     repository alys/alys is 22, of 11\n"


def test_what_is_wrong_ends_with_1_and_the_remedy(answers, capsys):
    answers.clear()
    assert main("staging") == 1
    assert capsys.readouterr().out.startswith("WRONG  repository alys/alys is unknown to GitHub")


def test_what_cannot_be_asked_ends_with_2(answers, capsys):
    answers["/repos/alys/alys"] = (500, {})
    assert main("staging") == 2
    assert "with 500" in capsys.readouterr().err


def test_a_stack_that_is_not_there_ends_with_2(answers, capsys):
    assert main("stagin") == 2
    assert "There is no stack 'stagin' here" in capsys.readouterr().err


def test_a_stack_that_names_nothing_on_github_says_so(answers, capsys, tmp_path):
    (tmp_path / "Pulumi.local.yaml").write_text("config: {}\n")
    assert main("local") == 0
    assert "names nothing on GitHub" in capsys.readouterr().out
