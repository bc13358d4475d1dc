"""Servers under load: starting them, asking them, and driving them with wrk."""
