"""The Python language host: runs a program for the engine, inside its own process.

The official `pulumi-language-python` is published in no package registry. The engine starts this one from
PATH instead: `python -m local.plugins.language_python ENGINE_ADDRESS`.
"""

import importlib.metadata
import os
import re
import runpy
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from typing_extensions import override

from local.plugins import plugin_run, serving

# The name that a requirement such as `pydantic_core[x]==2; python_version>"3"` begins with.
_NAME = re.compile(r"[\w.-]*")


class PythonProgram(LanguageServer):
    """The engine's view of Python: `Run` is the SDK's own, the rest says what is installed."""

    def __init__(self, engine: str) -> None:
        super().__init__(lambda: None)
        self.engine = engine

    @override
    def Handshake(self, request: Any, context: Any) -> language_pb2.LanguageHandshakeResponse:
        return language_pb2.LanguageHandshakeResponse()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    @override
    def Run(self, request: Any, context: Any) -> language_pb2.RunResponse:
        """Run the program as `python PROGRAM ARGS` would, in the directory that the engine names."""
        entry = Path(request.info.program_directory or request.pwd) / (request.info.entry_point or ".")
        arguments = list(request.args)
        os.chdir(request.pwd or entry)
        sys.argv = [str(entry), *arguments]
        folder = str(entry if entry.is_dir() else entry.parent)
        if folder not in sys.path[:1]:
            sys.path.insert(0, folder)

        # The SDK reads the engine's address from the first argument.
        request.args[:] = [self.engine]
        self.program = lambda: run_program(entry)
        response = super().Run(request, context)
        if response.error:
            # The SDK has already shown the error; told a second time it would be printed twice.
            return language_pb2.RunResponse(bail=True)
        return response

    @override
    def InstallDependencies(
        self,
        request: Any,
        context: Any,
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        text = f"The program runs with {sys.executable}; `uv sync` installs what it depends on.\n"
        yield language_pb2.InstallDependenciesResponse(stdout=text.encode())

    @override
    def GetProgramDependencies(
        self,
        request: Any,
        context: Any,
    ) -> language_pb2.GetProgramDependenciesResponse:
        found = installed(transitive=request.transitiveDependencies)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[
                language_pb2.DependencyInfo(name=name, version=found[name]) for name in sorted(found)
            ]
        )

    @override
    def RunPlugin(self, request: Any, context: Any) -> Iterator[language_pb2.RunPluginResponse]:
        yield from plugin_run.stream(request, context)


def run_program(entry: Path) -> None:
    """Run a program's folder or file; what it raises becomes one `RunError` with what the user must see."""
    if not (entry / "__main__.py" if entry.is_dir() else entry).is_file():
        # `runpy` would go on to look for a `__main__` everywhere on sys.path.
        raise pulumi.RunError(f"{entry} holds no program: `__main__.py` is missing.")
    try:
        runpy.run_path(str(entry), run_name="__main__")
    except pulumi.RunError:
        raise
    except SystemExit as exit_:
        if exit_.code not in (None, 0):
            raise pulumi.RunError(f"The program ended with sys.exit({exit_.code!r}).") from exit_
    except Exception as error:
        raise pulumi.RunError(f"Program failed with an unhandled exception:\n{user_trace(error)}") from error


def user_trace(error: BaseException) -> str:
    """Return the traceback from the program's own first line on, without this host's and runpy's frames."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename in (__file__, runpy.__file__, "<frozen runpy>"):
        trace = trace.tb_next
    return "".join(traceback.format_exception(error.with_traceback(trace or error.__traceback__)))


def installed(*, transitive: bool) -> dict[str, str]:
    """Return the installed distributions' versions; without `transitive` of those that no other needs."""
    versions: dict[str, str] = {}
    required: set[str] = set()
    for distribution in importlib.metadata.distributions():
        versions[_normal(distribution.name)] = distribution.version
        required |= {_normal(_NAME.findall(line)[0]) for line in distribution.requires or []}
    return versions if transitive else {n: v for n, v in versions.items() if n not in required}


def _normal(name: str) -> str:
    """Return a distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Serve one engine."""
    engine = serving.engine_address(sys.argv[1:])
    plugin = serving.server()
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(PythonProgram(engine), plugin)  # type: ignore[no-untyped-call]
    serving.serve(plugin)


if __name__ == "__main__":
    main()
