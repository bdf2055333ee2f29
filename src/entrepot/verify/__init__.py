"""Verify: drills that prove the shop's promises on whoever's machine it is run.

A drill is a file in `drills/`: its docstring is the promise, its `run` tries to break it, with real server processes, real
HTTP and a scratch database that is thrown away. After each drill the books are looked at (`invariants.py`): whatever was
tried, stock is the sum of its history, nothing is doubled, and what was counted adds up.

- `drill.py`: what a drill is, and which there are   - `hold.py`: holding them, with progress, table and JSON
- `ground.py`: where a drill is held                 - `scratch.py`: databases and folders that are thrown away
- `servers.py`: server processes                     - `moved_clock.py`: a process whose clock is ahead
- `stall.py`: what is sold there, and to whom        - `load.py`: shoppers who remember what they were told
- `invariants.py`, `queries.py`: the books
"""

from entrepot.verify.drill import Drill, Finding, Size, UnknownDrill, catalogue, chosen
from entrepot.verify.ground import PROGRAM
from entrepot.verify.hold import Held, Report, hold
from entrepot.verify.scratch import embedded, on_server
from entrepot.verify.servers import Server, ServerDied, free_port

__all__ = [
    "PROGRAM",
    "Drill",
    "Finding",
    "Held",
    "Report",
    "Server",
    "ServerDied",
    "Size",
    "UnknownDrill",
    "catalogue",
    "chosen",
    "embedded",
    "free_port",
    "hold",
    "on_server",
]
