"""Which KPIs stand under which letter of the board: safety, quality, delivery, cost, people."""

from __future__ import annotations

#: KPIs of a letter in reading order. The first that a scope has figures of is the big one; a
#: letter without a KPI waits for a feed that nobody delivers yet.
LETTERS: dict[str, tuple[str, ...]] = {
    "S": (),
    "Q": ("first_pass_yield", "scrap_ratio", "rework_ratio"),
    "D": ("otif_ratio", "oee", "availability", "effectiveness", "lead_time_median_h"),
    "C": ("copq_amount", "setup_ratio", "comprehensive_energy_consumption"),
    "P": ("worker_efficiency",),
}
KPIS = tuple(kpi_id for kpi_ids in LETTERS.values() for kpi_id in kpi_ids)
