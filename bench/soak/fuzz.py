"""``make soak``, its first part: made-up calls of the API by each role, for 30 s a role, and bad texts in every form.

On both databases. FUZZ_SECONDS=, FORM_SECONDS= and FUZZ_SEED= change how long and which; the calls themselves are in
tests/api/fuzzing.py, the forms in tests/accounts/forms.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from config.environment import BASE_DIR
from tests import servers
from tests.run import environment


def main() -> int:
    """Both databases; 0 where each answer was one that the description tells of, and none failed on our side."""
    env = {"FUZZ_SECONDS": "30", "FORM_SECONDS": "120"} | environment()
    failed = fuzz("SQLite", env)
    if servers.find_initdb() is None:
        sys.stdout.write("Not run on PostgreSQL: initdb was not found\n")
        return failed
    with servers.postgres() as url:
        return fuzz("PostgreSQL", env | {"DATABASE_URL": url}) or failed


def fuzz(title: str, env: Mapping[str, str]) -> int:
    """The calls of every role, and the forms, on one database."""
    sys.stdout.write(f"Made-up calls on {title}, {os.environ.get('FUZZ_SECONDS') or 30} s a role\n")
    sys.stdout.flush()
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/api/test_fuzz.py",
        "tests/accounts/test_forms_fuzzed.py",
    ]
    return subprocess.run([sys.executable, *words], cwd=BASE_DIR, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
