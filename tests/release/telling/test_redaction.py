import base64
import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.telling import redaction
from release.telling.redaction import HIDDEN, Redactor

SECRET = "s3cr3t/with+signs"


@pytest.fixture
def logged():
    """A root of loggers of its own, what it prints, and a redactor that is put into it."""
    out = io.StringIO()
    root = logging.Logger("root")  # noqa: LOG001  a hierarchy that no other test sees
    root.addHandler(logging.StreamHandler(out))
    redaction.install(Redactor([SECRET]), root)
    child = logging.Logger("child")  # noqa: LOG001
    child.parent = root
    return child, out


def test_a_secret_in_a_message_of_any_logger_is_hidden(logged):
    child, out = logged
    child.warning("it is %s, I say", SECRET)
    assert out.getvalue() == f"it is {HIDDEN}, I say\n"


def test_a_secret_in_a_traceback_is_hidden(logged):
    child, out = logged
    try:
        int(SECRET)
    except ValueError:
        child.exception("failed")
    assert SECRET not in out.getvalue()
    assert f"base 10: '{HIDDEN}'" in out.getvalue()


def test_what_the_root_logs_itself_is_redacted(logged):
    child, out = logged
    child.parent.error(SECRET)
    assert out.getvalue() == f"{HIDDEN}\n"


def test_installing_twice_filters_once():
    root, redactor = logging.Logger("root"), Redactor()  # noqa: LOG001
    redaction.install(redactor, root)
    redaction.install(redactor, root)
    assert root.filters == [redactor]


def test_a_root_without_a_handler_gets_one_that_is_filtered(capsys):
    """Python's last resort would say it as it is."""
    root = logging.Logger("root")  # noqa: LOG001
    redaction.install(Redactor([SECRET]), root)
    child = logging.Logger("child")  # noqa: LOG001
    child.parent = root
    child.warning(SECRET)
    assert capsys.readouterr().err == f"{HIDDEN}\n"


def test_a_secret_that_is_learned_later_is_hidden():
    redactor = Redactor()
    redactor.learn([SECRET])
    assert redactor.text(f"<{SECRET}>") == f"<{HIDDEN}>"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        "s3cr3t%2Fwith%2Bsigns",
        "s3cr3t/with%2Bsigns",
        base64.b64encode(SECRET.encode()).decode(),
        json.dumps(SECRET),
    ],
)
def test_a_secret_is_hidden_in_its_usual_encodings(form):
    hidden = Redactor([SECRET]).text(f"x {form} y")
    assert "s3cr3t" not in hidden
    assert form not in hidden


@given(st.text(min_size=8).filter(lambda text: len(text.strip()) >= 8), st.text(), st.text())
def test_no_text_around_it_saves_a_secret(secret, before, after):
    assert secret.strip() not in Redactor([secret]).text(before + secret + after).replace(HIDDEN, "\0")


def test_the_longer_of_two_secrets_is_hidden_whole():
    assert Redactor(["abcd1234", "abcd1234efgh"]).text("abcd1234efgh") == HIDDEN


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_0123456789abcdefABCDEF0123456789abcd",
        "ghs_0123456789abcdefABCDEF",
        "github_pat_0123456789abcdefABCDEF_01234",
        "xoxb-1234-5678-abcdEFGH",
        "https://hooks.slack.com/services/T000/B000/XXXX0000",
        "https://discord.com/api/webhooks/123/abc-DEF_0",
        "AKIA0123456789ABCDEF",
        "Authorization: Bearer abc.def-0123",
        "authorization: basic dXNlcjpwYXNz",
        "https://user:pa55@example.com/x",
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden_unlearned(secret):
    assert HIDDEN in Redactor().text(f"see {secret} there")


@pytest.mark.parametrize(
    "text",
    [
        "v1.0.0@sha256:" + "0123456789abcdef" * 4,
        "https://github.com/alys/node/actions/runs/1",
        "pulumi up -s staging",
        "services, webhooks and messages",
    ],
)
def test_an_innocent_text_stays(text):
    learned = redaction.from_environment(
        {"ALYS_NOTIFY": "slack://T0K3N123/B0T123456/X123456789 https://hooks.example.com/services/t0k3n999"}
    )
    assert Redactor(learned).text(text) == text


def test_secrets_are_known_by_the_names_of_their_variables():
    environment = {
        "GITHUB_TOKEN": "aaaaaaaa1",
        "DB_PASSWORD": "bbbbbbbb1",
        "ALYS_NOTIFY": "https://x.example/hook/cccccccc1?token=dddddddd1 slack://eeeeeeee1/ffffffff1",
        "HOME": "/home/somebody",
        "PULUMI_CONFIG_PASSPHRASE_FILE": "/run/passphrase",
    }
    redactor = Redactor(redaction.from_environment(environment))
    for letter in "abcdef":
        assert redactor.text(f"({letter * 8}1)") == f"({HIDDEN})"
    assert redactor.text("/home/somebody /run/passphrase") == "/home/somebody /run/passphrase"


def test_a_short_value_is_not_hidden_everywhere():
    """The passphrase of the local stack is the stack's name."""
    assert (
        Redactor(redaction.from_environment({"PULUMI_CONFIG_PASSPHRASE": "local"})).text("local") == "local"
    )
