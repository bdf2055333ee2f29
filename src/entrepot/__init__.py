"""Entrepot: a self-hosted, API-first commerce engine."""
