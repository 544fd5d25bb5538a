"""``python -m core``: Parallax on the command line."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one gets here
    sys.exit("Parallax needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from core.cli import main

if __name__ == "__main__":
    sys.exit(main())
