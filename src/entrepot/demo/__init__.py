"""Demo data: a believable shop and its year of trade, for an empty database.

Owns nothing in a running shop; it fills the tables of all others, as if everything had come through the API: totals are
exact to the cent, stock is the sum of its movements, an order's status follows from its parts, a product's rating from its
reviews. The same seed and time give the same rows.

What the shop is made of stands in readable files below `content/`: products (a file for each shelf), companies with their
warehouses and delivery fees, zones, people's names, the year's rhythm, phrases of reviews, translations. Any number of
products and orders is multiplied from it: a few thousand in seconds, a million of each in minutes. Pictures are drawn by
the generator itself.

- `content.py`, `read_content.py`: the files as structs   - `seasons.py`: how much is bought on which day
- `catalogue.py`: any number of products                 - `people.py`: accounts, sellers, shops, buyers
- `assortment.py`, `baskets.py`: who buys what together   - `fates.py`: what becomes of an order
- `stockroom.py`, `stock_keeping.py`: what lies where    - `year.py`: all of it, in the order of time
- `entries.py`, `shop_rows.py`, `product_rows.py`: rows   - `tables.py`: the tables and columns
- `load.py`, `bare_tables.py`: into the database          - `pictures/`: what the goods look like
"""

from entrepot.demo.load import ACCOUNTS, DEFAULT_ORDERS, DEFAULT_SEED, DemoError, DemoSummary, Progress, load

__all__ = ["ACCOUNTS", "DEFAULT_ORDERS", "DEFAULT_SEED", "DemoError", "DemoSummary", "Progress", "load"]
