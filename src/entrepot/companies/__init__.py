"""Companies: who sells, where they deliver and for how much, and the marketplace's commission.

Owns `companies`, `company_members`, `company_zones` and `company_commissions`.
"""
