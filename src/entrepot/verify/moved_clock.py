"""A process whose clock is ahead: `python -m entrepot.verify.moved_clock SECONDS -m entrepot serve ...`.

The clock of a shop in earnest cannot be moved: no setting does it, only this program, which drills start. The database's
clock and the machine's stay as they are.
"""

from __future__ import annotations

import runpy
import sys
from datetime import timedelta

from entrepot.kernel import clock


def main() -> None:
    """Run a module or a script, as Python would, with the clock ahead for all that it does."""
    ahead = timedelta(seconds=int(sys.argv[1]))
    is_module = sys.argv[2] == "-m"
    sys.argv = sys.argv[3:] if is_module else sys.argv[2:]
    with clock.moved(ahead):
        if is_module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
