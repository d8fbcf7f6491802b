"""Say which real servers the tests can use: exits with 0 when none is missing, else names what is left out."""

import sys

from tests.servers import postfix
from tests.servers.browser import find_browser
from tests.servers.dovecot import find_program


def main() -> None:
    """Print one line about what the tests leave out (nothing with --quiet, and nothing when all is there)."""
    missing = [] if find_program("dovecot") else ["Dovecot"]
    if not postfix.is_available():
        missing.append("Postfix")
    if not find_browser():
        missing.append("chromium")
    if missing and "--quiet" not in sys.argv:
        left_out = " and ".join(missing)
        print(f"Left out: the tests on a real {left_out} (Debian packages; Postfix needs root).")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
