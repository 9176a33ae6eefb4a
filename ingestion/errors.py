"""Errors that a person can act on."""


class LeanKpiError(Exception):
    """Something a person has to mend; the message says what, where and how."""


class ConfigError(LeanKpiError):
    """plants.toml or the data directory is not as it must be."""


class FileRejected(LeanKpiError):
    """A delivered file cannot be read as declared; its rows stay where they are, in landing.

    `rule` is one of `ingestion.rules.RULES`.
    """

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        line_no: int | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.line_no = line_no
        self.column = column
        self.value = value
