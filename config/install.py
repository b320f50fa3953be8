"""Make the virtual environment and install a lock file into it; nothing where nothing changed.

Runs on a bare Python (see Makefile), so it imports the standard library alone and keeps to a
syntax that an old Python can read, to be able to say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
FULL = "No space left on device"
LITTLE = 2**20  # bytes; not every program says why it failed
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")


def main(lock: str) -> None:
    """Bring ``.venv`` in line with a lock file. Exits with one sentence where it cannot."""
    check_python(sys.version_info[:2])
    stamp = os.path.join(VENV, "." + lock + ".sha256")
    wanted = fingerprint(lock)
    if installed(stamp) == wanted:
        return
    make_venv()
    install(lock)
    keep(stamp, wanted)


def check_python(version: "tuple[int, ...]") -> None:
    """Refuse a Python that is too old, or has no way to make a virtual environment."""
    if version < OLDEST:
        sys.exit(
            "Tierboard needs Python 3.11 or newer, and this is {}.{}. "
            "Install one and name it: make run PYTHON=python3.11".format(*version[:2])
        )
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of python3
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "This Python cannot make virtual environments: install its venv module "
            "(on Debian and Ubuntu: apt-get install python3-venv) and run make again."
        )


def fingerprint(lock: str) -> str:
    """The lock file's contents as a hash."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def installed(stamp: str) -> str:
    """What was installed last; empty where nothing was, or the environment is gone."""
    if not os.path.exists(stamp) or not os.path.exists(VENV_PYTHON):
        return ""
    with open(stamp, encoding="ascii") as file:
        return file.read()


def keep(stamp: str, wanted: str) -> None:
    """Remember what was installed. Where that can't be written nothing is left: an empty one would mean nothing."""
    try:
        with open(stamp, "w", encoding="ascii") as file:
            file.write(wanted)
    except OSError:
        if os.path.exists(stamp):
            os.remove(stamp)
        raise


def make_venv() -> None:
    """Create ``.venv``; one that works is kept, one that is broken or too old is made again."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if os.path.exists(VENV_PYTHON) and run([VENV_PYTHON, "-I", "-c", probe])[0] == 0:
        return
    say("Making the virtual environment .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    code, told = run([sys.executable, "-m", "venv", VENV])
    if code != 0:
        explain(told, "The virtual environment .venv could not be made")


def install(lock: str) -> None:
    """Install exactly what the lock file names, each file checked by its hash."""
    say("Installing the dependencies of " + lock + " …")
    options = [
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    code, told = run([VENV_PYTHON, "-m", "pip", "install", *options, "-r", os.path.join(ROOT, lock)])
    if code != 0:
        explain(told, "The dependencies could not be installed")


def explain(told: str, what: str) -> None:
    """End with what a program said, and a sentence; of a full disk with the sentence alone."""
    if FULL in told or shutil.disk_usage(ROOT).free < LITTLE:
        sys.exit(what + ": the disk is full. Nothing was started; make room and run make again.")
    sys.stderr.write(told)
    sys.exit(what + ": the reason is above. Nothing was started; run make again.")


def sentence(error: OSError) -> str:
    """Why a file could not be written, and what to do."""
    return "Tierboard could not be set up: {}. Nothing was started; see to it and run make again.".format(error)


def run(command: "list[str]") -> "tuple[int, str]":
    """Run a program to its end; its exit code, and what it said."""
    done = subprocess.run(  # noqa: S603 - our own list
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    except OSError as error:
        sys.exit(sentence(error))
