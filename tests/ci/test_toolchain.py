import pytest

from ci import toolchain
from ci.report import Refusal


def test_an_exact_compiler_is_taken():
    assert toolchain.channel('[toolchain]\nchannel = "1.95.0"\n') == "1.95.0"


@pytest.mark.parametrize(
    "text", ['[toolchain]\nchannel = "stable"', '[toolchain]\nchannel = "1.95"', "a = 1", ""]
)
def test_a_compiler_that_moves_is_refused_with_what_to_write(text):
    with pytest.raises(Refusal, match=r'Pin it:\n\[toolchain\]\nchannel = "1\.95\.0"'):
        toolchain.channel(text)


@pytest.mark.parametrize(
    "text",
    [
        '[package]\nrust-version = "1.88"',
        '[workspace.package]\nrust-version = "1.88"',
        '[package]\nrust-version.workspace = true\n[workspace.package]\nrust-version = "1.88"',
    ],
)
def test_the_oldest_compiler_is_the_packages_or_the_workspaces(text):
    assert toolchain.oldest(text) == "1.88"


@pytest.mark.parametrize("text", ["[package]\nname = 'a'", '[package]\nrust-version = "+nightly"'])
def test_no_oldest_compiler_is_refused_with_what_to_write(text):
    with pytest.raises(Refusal, match=r'rust-version = "1\.88"'):
        toolchain.oldest(text)
