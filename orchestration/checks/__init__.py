"""Plausibility of the facts that decisions rely on; structure is proven by dbt's tests."""
