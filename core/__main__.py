"""``python -m core``: Parallax on the command line."""

import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one gets here
    sys.exit("Parallax needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

if __name__ == "__main__":
    # Importing the commands takes a second, in which Ctrl-C would show where Python was.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from core.cli import main

    sys.exit(main())
