"""The vocabulary that every module shares: database, transactions, errors, access, events, jobs, money, time.

The kernel knows HTTP and PostgreSQL but nothing of commerce, and imports no module of the shop.
"""
