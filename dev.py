"""Set-up and checks, for a machine that has only Python and the internet.

    python dev.py demo      install, make the bundled county in ./demo and run the main job on it
    python dev.py test      install with the test tools and run the tests
    python dev.py lint      style, types, direction of imports, docstrings
    python dev.py oldest    the tests again, on the oldest supported versions
    python dev.py wheels    fill ./wheels for an installation without internet

Needs nothing but the standard library; everything goes into ./.venv.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parent
PACKAGES = ["yanshan_gis", "cli/yanshan_cli"]


def say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def binary(env: Path, name: str) -> str:
    """Return a program inside a virtual environment, on Windows too."""
    folder = env / ("Scripts" if sys.platform == "win32" else "bin")
    return str(folder / name)


def call(*command: str, cwd: Path = ROOT) -> None:
    print("$", " ".join(command), flush=True)
    done = subprocess.run(command, cwd=cwd, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def environment(env: Path, *arguments: str) -> Path:
    """Make a virtual environment, if needed, and install into it."""
    if not Path(binary(env, "python")).exists() and not Path(binary(env, "python.exe")).exists():
        venv.create(env, with_pip=True)
        call(binary(env, "python"), "-m", "pip", "install", "-q", "--upgrade", "pip")
    call(binary(env, "python"), "-m", "pip", "install", "-q", *arguments)
    return env


def demo() -> None:
    env = environment(ROOT / ".venv", "-e", str(ROOT))
    folder = ROOT / "demo"
    if not folder.exists():
        call(binary(env, "yanshan"), "init", str(folder), "--demo")
    call(binary(env, "yanshan"), "run", "-w", str(folder))


def test(*arguments: str) -> None:
    env = environment(ROOT / ".venv", "-e", str(ROOT), "--group", "test")
    call(binary(env, "python"), "-m", "pytest", "-n", "2", *arguments)


def lint() -> None:
    env = environment(ROOT / ".venv", "-e", str(ROOT), "--group", "dev")
    modules = [str(p) for folder in PACKAGES for p in sorted((ROOT / folder).rglob("*.py"))]
    call(binary(env, "ruff"), "check", ".")
    call(binary(env, "ruff"), "format", "--check", ".")
    call(binary(env, "mypy"))
    call(binary(env, "lint-imports"))
    call(binary(env, "python"), "-m", "numpydoc.hooks.validate_docstrings", *modules)


def oldest() -> None:
    """Install exactly the lower bounds that pyproject.toml states, and run the tests.

    Not those that are slow or look at outputs in other programs: what those programs see depends
    on the files, and `test` has shown it.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = [re.sub(r">=", "==", wish.split(";")[0].strip()) for wish in project["dependencies"]]
    pinned.append("pyparsing<3.3")  # newer ones warn about the oldest matplotlib's own calls
    env = environment(ROOT / ".venv-oldest", "-e", str(ROOT), "--group", "test", *pinned)
    call(binary(env, "python"), "-m", "pytest", "-n", "2", "-q",
         "-m", "not (slow or qgis or browser or office)")  # fmt: skip


def wheels() -> None:
    """Collect this project's wheel and every dependency's, for this Python and system."""
    env = environment(ROOT / ".venv", "build")
    folder = ROOT / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    call(binary(env, "python"), "-m", "build", "--wheel", "--outdir", str(folder))
    (wheel,) = folder.glob("yanshan_gis-*.whl")
    call(binary(env, "python"), "-m", "pip", "download", "-q", "--only-binary", ":all:",
         "--dest", str(folder), str(wheel))  # fmt: skip
    say("copy ./wheels to the other machine; there: "
        "python -m pip install --no-index --find-links wheels yanshan-gis")  # fmt: skip


COMMANDS = {"demo": demo, "test": test, "lint": lint, "oldest": oldest, "wheels": wheels}


def main() -> None:
    name, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if name not in COMMANDS:
        print(__doc__)
        sys.exit(2)
    COMMANDS[name](*rest)


if __name__ == "__main__":
    main()
