"""The container's health check: the web server of this container answers /healthz. Standard library alone."""

import os
import sys
from urllib.request import Request, urlopen


def main() -> int:
    """0 where it answers, 1 where it does not."""
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip() or "localhost"
    url = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/healthz"
    try:
        with urlopen(Request(url, headers={"Host": host}), timeout=4):
            return 0
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
