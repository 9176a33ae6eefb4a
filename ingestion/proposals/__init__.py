"""A first draft of a source module from an export nobody has seen: for people to finish.

`profile` looks at the export, `guess` at which feed and columns it may be, `draft` writes the
module. Nothing of it runs when exports are loaded: a declaration is a person's.
"""

from ingestion.proposals.draft import new_source

__all__ = ["new_source"]
