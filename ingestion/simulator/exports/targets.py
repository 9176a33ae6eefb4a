"""The targets that the plant's management typed before the season, for the plant and its lines."""

from __future__ import annotations

from ingestion.simulator.exports.files import TYPED, ExportFile, Row, columns
from ingestion.simulator.exports.typed import FOLDER
from ingestion.simulator.plant import Plant

KPI_TARGETS = columns(
    "kpi_id scope_type scope_id period_type valid_from target_value owner objective"
)
#: KPI to its target and the objective it serves. Some days miss them, and some weeks.
TARGETS = {
    "oee": ("0.65", "Deliver what was promised"),
    "first_pass_yield": ("0.972", "Right the first time"),
    "setup_ratio": ("0.1", "Smaller batches"),
}


def targets_file(plant: Plant) -> ExportFile:
    """The list as it lies there on the first night; it judges the periods that begin after it."""
    calendar, site = plant.calendar, plant.site
    at = calendar.extractions[0]
    scopes = [("plant", site.plant_id, "Plant manager")]
    for line_id in sorted({machine.line_id for machine in plant.machines}):
        scopes.append(("line", line_id, f"Leader of {line_id}"))
    rows = [
        Row(
            [
                kpi_id,
                scope_type,
                scope_id,
                period_type,
                calendar.start.isoformat(),
                target,
                owner,
                objective,
            ],
            f"{kpi_id}-{scope_id}-{period_type}",
        )
        for kpi_id, (target, objective) in TARGETS.items()
        for scope_type, scope_id, owner in scopes
        for period_type in ("day", "week", "month")
    ]
    return ExportFile(FOLDER, "kpi_targets", calendar.clock.stamp(at), at, TYPED, KPI_TARGETS, rows)
