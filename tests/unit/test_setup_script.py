"""The set-up script, in a folder with spaces and with stand-ins for every program it starts."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "setup.sh"

# Answers as each Python does that the script starts. It makes environments whose interpreter is
# itself and whose installer makes the second environment.
PYTHON = """#!/bin/sh
case "$1 $2" in
    "-c import sys; print"*) echo VERSION ;;
    "-c import sys; from"*) exit 0 ;;
    "-V "*) echo "Python VERSION" ;;
    "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    "-m pip") cp "$UV" .venv/bin/uv; echo app >> built ;;
esac
"""
UV = """#!/bin/sh
if [ "$1" = venv ]; then
    for last; do :; done
    mkdir -p "$last/bin"; cp "$ORIENTA_PYTHON310" "$last/bin/python"; echo nlu >> built
fi
"""


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


class Checkout:
    """A copy of the script with requirements, and programs of its own on the path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("scripts", "requirements", "nlu/rasa", "tools"):
            (root / name).mkdir(parents=True)
        shutil.copy(SCRIPT, root / "scripts")
        for name in ("requirements/app.txt", "requirements/dev.txt", "nlu/rasa/requirements.txt"):
            (root / name).write_text(f"{name}\n")
        tools = root / "tools"
        self.machine("x86_64")
        program(tools / "df", '#!/bin/sh\nprintf "x\\nx 9 9 9000000 9\\n"\n')
        self.variables = {
            "PATH": f"{tools}:/usr/bin:/bin",
            "HOME": str(root),
            "UV": str(program(tools / "the uv", UV)),
            "ORIENTA_PYTHON": str(program(tools / "new python", PYTHON.replace("VERSION", "3.12"))),
            "ORIENTA_PYTHON310": str(
                program(tools / "old python", PYTHON.replace("VERSION", "3.10"))
            ),
        }

    def machine(self, name: str) -> None:
        program(self.root / "tools" / "uname", f"#!/bin/sh\necho {name}\n")

    def run(self) -> subprocess.CompletedProcess[str]:
        command = ["/bin/sh", str(self.root / "scripts" / "setup.sh"), "app"]
        return subprocess.run(
            command, env=self.variables, capture_output=True, text=True, check=False, timeout=30
        )

    def built(self) -> list[str]:
        file = self.root / "built"
        return file.read_text().split() if file.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a folder with spaces")


def test_it_builds_both_and_then_nothing(checkout: Checkout) -> None:
    """A second run has nothing to do, and spaces in paths do no harm."""
    first = checkout.run()
    assert first.returncode == 0, first.stderr
    assert checkout.built() == ["app", "nlu"]
    again = checkout.run()
    assert (again.returncode, again.stderr) == (0, "")
    assert checkout.built() == ["app", "nlu"]


@pytest.mark.parametrize(("environment", "rebuilt"), [(".venv", "app"), ("nlu/rasa/.venv", "nlu")])
@pytest.mark.parametrize("text", ["#!/no/such/interpreter\n", "#!/bin/sh\nexit 1\n"])
def test_an_environment_whose_python_is_dead_is_built_again(
    checkout: Checkout, environment: str, rebuilt: str, text: str
) -> None:
    """An executable file is not enough: it must run and find its packages."""
    assert checkout.run().returncode == 0
    program(checkout.root / environment / "bin" / "python", text)
    again = checkout.run()
    assert again.returncode == 0, again.stderr
    assert "network" not in again.stderr
    assert checkout.built() == ["app", "nlu", rebuilt]


@pytest.mark.parametrize("machine", ["aarch64", "arm64"])
def test_another_machine_is_refused_in_one_sentence(checkout: Checkout, machine: str) -> None:
    """Nothing is built where the NLU service cannot run."""
    checkout.machine(machine)
    told = checkout.run()
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1
    assert "x86-64" in told.stderr
    assert checkout.built() == []


def test_pyenv_in_a_folder_with_spaces_is_found(checkout: Checkout) -> None:
    """The interpreters of pyenv are looked at one by one."""
    folder = checkout.root / "py env" / "versions" / "3.12.1" / "bin"
    folder.mkdir(parents=True)
    shutil.copy(checkout.variables.pop("ORIENTA_PYTHON"), folder / "python")
    checkout.variables["PYENV_ROOT"] = str(checkout.root / "py env")
    program(checkout.root / "tools" / "python3.13", "#!/bin/sh\nexit 1\n")
    assert checkout.run().returncode == 0
    assert checkout.built() == ["app", "nlu"]
