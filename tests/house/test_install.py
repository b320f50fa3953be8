"""``make setup``: a Python that will not do gets one clear sentence, and nothing is done twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config import install


def test_an_old_python_is_told_which_is_needed() -> None:
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9"):
        install.check_python((3, 9))


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"cannot make virtual environments: .* apt-get install python3-venv"):
        install.check_python((3, 11))


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A repository whose lock is empty and whose environment stands, without a stamp."""
    monkeypatch.setattr(install, "ROOT", str(tmp_path))
    monkeypatch.setattr(install, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(install, "VENV_PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been run; all of it succeeds."""
    seen: list[list[str]] = []

    def run(command: list[str]) -> tuple[int, str]:
        seen.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(exist_ok=True)
        return 0, ""

    monkeypatch.setattr(install, "run", run)
    return seen


def test_the_lock_is_installed_once(nothing_installed: Path, commands: list[list[str]]) -> None:
    install.main("requirements.txt")
    assert any("--require-hashes" in command for command in commands)
    commands.clear()
    install.main("requirements.txt")
    assert commands == []


def test_a_changed_lock_is_installed_again(nothing_installed: Path, commands: list[list[str]]) -> None:
    install.main("requirements.txt")
    commands.clear()
    (nothing_installed / "requirements.txt").write_text("# changed\n")
    install.main("requirements.txt")
    assert any("--require-hashes" in command for command in commands)


def test_a_lost_environment_is_made_again(nothing_installed: Path, commands: list[list[str]]) -> None:
    install.main("requirements.txt")
    commands.clear()
    (nothing_installed / ".venv" / "bin" / "python").unlink()
    install.main("requirements.txt")
    assert [sys.executable, "-m", "venv", install.VENV] in commands


def test_a_failed_installation_is_one_sentence_and_no_stamp(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "run", lambda command: (int("install" in command), "no such hash\n"))
    with pytest.raises(SystemExit, match="could not be installed: the reason is above"):
        install.main("requirements.txt")
    assert capsys.readouterr().err == "no such hash\n"
    assert not list((nothing_installed / ".venv").glob(".*.sha256"))


@pytest.mark.parametrize("step", ["install", "venv"])
def test_a_full_disk_is_one_sentence_without_the_trace_of_who_met_it(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    trace = "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device\n"
    monkeypatch.setattr(install, "run", lambda command: (int(step in command), trace))
    if step == "venv":
        (nothing_installed / ".venv" / "bin" / "python").unlink()
    with pytest.raises(SystemExit, match=r"the disk is full\. Nothing was started; make room and run make again"):
        install.main("requirements.txt")
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_stamp_that_does_not_fit_is_not_left_behind(tmp_path: Path) -> None:
    full = tmp_path / "stamp"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        install.keep(str(full), "f00")
    assert not full.is_symlink()
    assert install.sentence(caught.value).count("\n") == 0


def test_what_a_program_says_is_read(tmp_path: Path) -> None:
    assert install.run([sys.executable, "-c", "import sys; print(1); sys.exit('two')"]) == (1, "1\ntwo\n")


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = f"import runpy; runpy.run_path({install.__file__!r})"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
