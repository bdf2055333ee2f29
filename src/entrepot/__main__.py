"""`python -m entrepot` is the same as `entrepot`."""

from entrepot.cli import main

main()
