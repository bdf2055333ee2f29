"""`entrepot bench`: how fast this installation is, next to yardsticks that were measured in the same run.

A scratch shop with a seeded catalog is served by a process of its own; shoppers ask it over HTTP. Owns nothing in a running
shop and never touches the real one.

- `connection.py`: one keep-alive connection   - `shopper.py`: who asks, and what a shop has to be asked for
- `scenarios.py`: what shoppers do              - `measure.py`: many of them at once, and how long each step took
- `bare.py`: a handler that only returns bytes  - `statements.py`, `pgbench.py`: the same statements without the shop
- `ground.py`, `catalogs.py`: the scratch shop  - `report.py`: figures, as a table and as JSON, next to earlier ones
- `run.py`: all of it in order
"""

from entrepot.bench.catalogs import WrongFolder
from entrepot.bench.ground import SIZES, LoadFailed
from entrepot.bench.report import Report, compare, read_report, show, write_report
from entrepot.bench.run import BenchError, Wanted, run
from entrepot.bench.scenarios import SCENARIOS, UnknownScenario, chosen

__all__ = [
    "SCENARIOS",
    "SIZES",
    "BenchError",
    "LoadFailed",
    "Report",
    "UnknownScenario",
    "Wanted",
    "WrongFolder",
    "chosen",
    "compare",
    "read_report",
    "run",
    "show",
    "write_report",
]
