"""The nightly line as Dagster assets, and the `leankpi` command for people."""
