"""Zones: the parts of the country that the shop serves, and who administers them.

Owns `zones`. Location admins see and change only what lies in theirs.
"""
