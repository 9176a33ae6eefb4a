"""The rules a delivered row or file can break, and what to do about each.

The names stand in raw.quarantine.rule; the advice is what a person reads beside it.
"""

from __future__ import annotations

#: Rules of whole files.
FILE_RULES = {
    "unknown_plant": "no plant of this name in plants.toml: add it there, or move the file",
    "unknown_source": "this folder belongs to no source of the plant: add it to its sources in "
    "plants.toml, or move the file",
    "unknown_file": "no table of the source module has a pattern for this name: rename the file "
    "or add a table to the module",
    "not_a_regular_file": "links and devices are not followed out of landing: deliver the file",
    "file_too_large": "larger than the limit: ask for a split export, or raise the limit in the "
    "source module",
    "wrong_encoding": "the bytes are not in the declared encoding: declare the right one in the "
    "source module, or ask for the agreed export",
    "missing_column": "a declared column is not in the header: ask for the agreed export, or mend "
    "the source module if the system renamed it",
    "duplicated_column": "a declared column stands twice in the header: ask for distinct names",
    "extraction_in_the_future": "the extraction time in the file's name (or the file's own "
    "time) is still to come: rename the file",
    "could_not_be_read": "reading the file failed in a way nobody foresaw: ask for the export "
    "again; if it is right, report the message",
    "unsafe_xml": "the document declares a type or entities (DOCTYPE), which an export needs not: "
    "ask for one without",
    "unsafe_archive": "the archive holds a path that leads out of it, a link, or a name twice: no "
    "honest program writes that; find out where the file comes from",
    "unreadable_file": "the file is not what its name says (broken archive, workbook, JSON or "
    "XML): ask for it again",
}

#: Rules of rows that break before their values are looked at.
LINE_RULES = {
    "column_count": "the line has another number of fields than the header; it may be cut off or "
    "hold an unquoted delimiter",
    "truncated_line": "the file ends inside this line: the export was cut off, ask for it again",
    "unbalanced_quote": "a quoted field is never closed",
    "stray_quote": "quotes stand inside a field beside quoted ones, so its end cannot be told",
    "line_too_long": "the line is longer than a million characters",
    "line_width": "the line is longer than declared: the places of the columns may have moved",
    "broken_json": "no JSON: the line may be cut off, or a quote or a bracket is missing",
    "not_a_record": "a value without names where a record should be",
    "duplicated_name": "the record names a value twice, so that it cannot be told which counts",
    "totals_row": "a totals row of the list, no data",
    "repeated_header": "the header once more, no data",
    "section_line": "a line that heads a section, no data",
    "outside_section": "no line above says which section the row is of: where it does, mend the "
    "pattern of sections in the source module",
    "outside_list": "a line outside the drawn list: a title of a page, or a broken record",
}

#: Rules of values.
VALUE_RULES = {
    "not_a_number": "not a number as the source module declares them (decimal mark, thousands "
    "mark, minus)",
    "not_a_duration": "not a length of time like 1:30 or 1:30:00",
    "not_a_whole_number": "not a whole number",
    "not_a_timestamp": "not a date or time in the format that the source module declares",
    "timestamp_out_of_range": "outside 2000-01-01 to one day after the extraction",
    "nonexistent_local_time": "the clocks skipped this local time in spring",
    "ambiguous_local_time": "this local time exists twice in autumn and the sequence of rows does "
    "not tell which is meant",
    "sign_contradicts_mark": "the number's own minus contradicts the debit/credit mark",
    "unknown_code": "none of the values that are known here: correct it; a code of the system's "
    "own belongs into the source module, one of the plant's into its code_maps in plants.toml",
    "required_value": "a value is required here",
}

#: Rules of the feeds: the canonical columns they look at.
FEED_RULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "end_after_start": ("the end is not after the start", ("end_at", "start_at")),
    "machine_or_run_given": (
        "neither a machine nor a production run is given",
        ("machine_id", "run_id"),
    ),
    "quantities_add_up": (
        "produced is not good + scrap + rework",
        ("produced_qty", "good_qty", "scrap_qty", "rework_qty"),
    ),
    "ideal_cycle_positive": ("an ideal cycle must be above zero", ("ideal_cycle_s",)),
    "reading_below_rollover": (
        "the counter shows a number at which it should have rolled over",
        ("reading_qty", "rollover_qty"),
    ),
    "at_most_two_days": ("a shift is at most 48 hours long", ("end_at",)),
    "valid_to_after_from": (
        "the validity ends before it starts",
        ("valid_to", "valid_from"),
    ),
    "finish_after_start": (
        "the work finished before it started",
        ("finished_at", "started_at"),
    ),
    "date_or_document_given": (
        "neither a posting date nor the document that has it is given",
        ("posting_date", "document_id"),
    ),
    "completed_after_release": (
        "the order was completed before it was released",
        ("completed_at", "released_at"),
    ),
    "limits_in_order": (
        "the lower limit is not below the upper one",
        ("lower_limit", "upper_limit"),
    ),
}

#: How dataframely's own column rules are called here.
COLUMN_RULES = {
    "nullability": "required_value",
    "min": "below_minimum",
    "max": "above_maximum",
    "max_length": "text_too_long",
    "min_length": "required_value",
    "inlined": "unknown_code",
    "regex": "control_character",
}

RULES: dict[str, str] = (
    FILE_RULES
    | LINE_RULES
    | VALUE_RULES
    | {name: advice for name, (advice, _) in FEED_RULES.items()}
    | {
        "above_maximum": "the value is above what can be (quantities 1,000,000,000, amounts "
        "100,000,000,000): a decimal mark or a unit that is not the declared one",
        "below_minimum": "the value is below what can be",
        "control_character": "an id holds a control character",
        "text_too_long": "the text is longer than the feed allows",
    }
)
