"""Every word of the board, in each of its languages. What a plant named itself stays as it is."""

from __future__ import annotations

import re

LANGUAGES = ("en", "es")
LANGUAGE_NAMES = {"en": "English", "es": "Español"}

#: What the templates say, by key: English, Spanish.
TEXTS: dict[str, tuple[str, str]] = {
    "letter_S": ("Safety", "Seguridad"),
    "letter_Q": ("Quality", "Calidad"),
    "letter_D": ("Delivery", "Entrega"),
    "letter_C": ("Cost", "Coste"),
    "letter_P": ("People", "Personas"),
    "board": ("Board", "Tablero"),
    "tier_plant": ("Tier 3 · plant", "Nivel 3 · planta"),
    "tier_area": ("Tier 2 · value stream", "Nivel 2 · flujo de valor"),
    "tier_line": ("Tier 1 · line", "Nivel 1 · línea"),
    "plants": ("Plants", "Plantas"),
    "lines": ("Lines", "Líneas"),
    "machines": ("Machines", "Máquinas"),
    "area": ("Area", "Área"),
    "line": ("Line", "Línea"),
    "machine": ("Machine", "Máquina"),
    "plant": ("Plant", "Planta"),
    "complete_day": ("Latest complete day", "Último día completo"),
    "published": ("published {at} UTC", "publicado {at} UTC"),
    "day": ("Day", "Día"),
    "week": ("Week", "Semana"),
    "month": ("Month", "Mes"),
    "week_from": ("week of {date}", "semana del {date}"),
    "latest": ("latest", "último"),
    "before": ("before", "anterior"),
    "change": ("change", "cambio"),
    "no_feed": ("no feed delivered", "sin datos entregados"),
    "no_figure": ("no figure", "sin cifra"),
    "withheld": ("withheld", "retenida"),
    "green": ("target reached", "objetivo alcanzado"),
    "red": ("target missed", "objetivo no alcanzado"),
    "no_target": ("no target", "sin objetivo"),
    "not_judged": ("not judged", "sin juicio"),
    "pending": ("still to come", "aún por venir"),
    "signal": ("signal", "señal"),
    "signal_key": (
        "signal: a real change, better or worse than its average; it goes on while a rule holds",
        "señal: un cambio real, mejor o peor que su media; sigue mientras se cumple una regla",
    ),
    "signal_better": ("better than its average", "mejor que su media"),
    "signal_worse": ("worse than its average", "peor que su media"),
    "goes_on_day": ("signal goes on, {qty} days", "la señal sigue, {qty} días"),
    "goes_on_week": ("signal goes on, {qty} weeks", "la señal sigue, {qty} semanas"),
    "goes_on_month": ("signal goes on, {qty} months", "la señal sigue, {qty} meses"),
    "WE1": ("outside the limits", "fuera de los límites"),
    "WE2": ("two of three beyond two sigma", "dos de tres más allá de dos sigmas"),
    "WE3": ("four of five beyond one sigma", "cuatro de cinco más allá de una sigma"),
    "WE4": ("eight in a row on one side", "ocho seguidos al mismo lado"),
    "rules_key": ("rules, the strongest first", "reglas, la más fuerte primero"),
    "noise": ("noise", "ruido"),
    "noise_key": ("noise: the usual ups and downs", "ruido: el vaivén de siempre"),
    "too_few": ("{qty} of 12", "{qty} de 12"),
    "too_few_long": (
        "points so far; from 12 on signals are told from noise",
        "puntos hasta ahora; desde 12 se distingue señal de ruido",
    ),
    "numerator": ("numerator", "numerador"),
    "denominator": ("denominator", "denominador"),
    "coverage": ("coverage", "cobertura"),
    "coverage_unknown": ("coverage not known", "cobertura desconocida"),
    "no_ratio": ("no ratio of sums", "no es un cociente de sumas"),
    "target": ("target", "objetivo"),
    "value": ("value", "valor"),
    "period": ("period", "periodo"),
    "judgement": ("judgement", "juicio"),
    "formula": ("Formula", "Fórmula"),
    "what_changed": ("What changed for real", "Qué ha cambiado de verdad"),
    "nothing_changed": (
        "no signal, what moved is noise",
        "sin señal, lo que se movió es ruido",
    ),
    "too_few_day": ("too few days to tell ({qty} of 12)", "pocos días para decirlo ({qty} de 12)"),
    "too_few_week": (
        "too few weeks to tell ({qty} of 12)",
        "pocas semanas para decirlo ({qty} de 12)",
    ),
    "too_few_month": (
        "too few months to tell ({qty} of 12)",
        "pocos meses para decirlo ({qty} de 12)",
    ),
    "above": ("above the centre line", "por encima de la línea central"),
    "below": ("below the centre line", "por debajo de la línea central"),
    "moved_by": ("What moved it, in points:", "Qué lo movió, en puntos:"),
    "moved_loss_bucket": ("losses", "pérdidas"),
    "moved_machine": ("machines", "máquinas"),
    "moved_item": ("items", "artículos"),
    "unknown_item": ("unknown item", "artículo desconocido"),
    "trends": ("Trend, day by day", "Tendencia, día a día"),
    "trends_note": (
        "Dashed: limits of the frozen baseline. Triangle: a signal begins.",
        "A trazos: límites de la referencia congelada. Triángulo: empieza una señal.",
    ),
    "no_trend": ("no chart: no figures yet", "sin gráfico: aún no hay cifras"),
    "day_losses": ("Lost on {date}", "Perdido el {date}"),
    "day_lost": ("{name} lost {lost} h of {planned} h", "{name} perdió {lost} h de {planned} h"),
    "day_lost_most": (
        "; most on {name}, {lost} h ({why})",
        "; sobre todo {name}, {lost} h ({why})",
    ),
    "day_oee": ("OEE of the day {value}:", "OEE del día {value}:"),
    "not_labelled": ("not labelled", "sin motivo"),
    "other_losses": ("other losses", "otras pérdidas"),
    "hours_lost": ("Hours lost", "Horas perdidas"),
    "hours_lost_note": (
        "Hours lost: OEE's planned time that was not fully productive.",
        "Horas perdidas: tiempo planificado del OEE que no fue plenamente productivo.",
    ),
    "losses_title": ("Losses", "Pérdidas"),
    "losses": ("Where the time went", "Dónde se fue el tiempo"),
    "stops": ("Stops in scheduled time", "Paradas en tiempo programado"),
    "scrap_cost": ("Scrap cost by reason", "Coste del rechazo por motivo"),
    "scrap_qty": ("Rejections by reason", "Rechazos por motivo"),
    "seven_days": ("seven days to {date}", "siete días hasta el {date}"),
    "nothing_lost": ("nothing recorded", "nada registrado"),
    "hours": ("{n} h", "{n} h"),
    "stops_n": ("{n} stops", "{n} paradas"),
    "rejections_n": ("{n} rejections", "{n} rechazos"),
    "actions": ("Open actions", "Acciones abiertas"),
    "action": ("Action", "Acción"),
    "owner": ("Owner", "Responsable"),
    "due": ("Due", "Fecha"),
    "actions_note": (
        "No list of actions is delivered yet; the lines are for a pen.",
        "Aún no se entrega una lista de acciones; las líneas son para el bolígrafo.",
    ),
    "behind": ("What stands behind", "Qué hay detrás"),
    "behind_note": (
        "Every figure with its fraction. The command at each KPI shows the rows, files and lines.",
        "Cada cifra con su fracción. La orden de cada KPI muestra filas, ficheros y líneas.",
    ),
    "parts": ("Its parts on the latest complete day", "Sus partes en el último día completo"),
    "legend": ("Legend", "Leyenda"),
    "back": ("Back to the board", "Volver al tablero"),
    "skip": ("Skip to the figures", "Ir a las cifras"),
    "other_language": ("En español", "In English"),
    "no_area_figures": (
        "KPIs are reported per line and for the plant; here the lines stand side by side.",
        "Los KPI se dan por línea y por planta; aquí las líneas están una junto a otra.",
    ),
    "no_plant": (
        "No plant has a complete day yet.",
        "Ninguna planta tiene aún un día completo.",
    ),
    "unit_h": ("h", "h"),
    "unit_kWh/unit": ("kWh/unit", "kWh/unidad"),
    "state_board:others": ("all others", "todas las demás"),
    "state_board:delay": ("stop, no reason given", "parada sin motivo"),
    "state_board:setup": ("setup", "preparación"),
    "state_board:no_order": ("no order, no reason given", "sin orden y sin motivo"),
    "state_board:not_observed": ("not observed", "no observado"),
    "bucket_calendar": ("calendar time", "tiempo de calendario"),
    "bucket_not_observed": ("not observed", "no observado"),
    "bucket_schedule_unknown": ("schedule unknown", "calendario desconocido"),
    "bucket_not_scheduled": ("not scheduled", "no programado"),
    "bucket_planned_down": ("planned down", "parada planificada"),
    "bucket_no_order": ("no order", "sin orden"),
    "bucket_breakdowns": ("breakdowns", "averías"),
    "bucket_other_delays": ("other delays", "otras demoras"),
    "bucket_setup": ("setup", "preparación"),
    "bucket_minor_stops": ("minor stops", "microparadas"),
    "bucket_reduced_speed": ("reduced speed", "velocidad reducida"),
    "bucket_speed_unknown": ("speed unknown", "velocidad desconocida"),
    "bucket_rework_time": ("rework time", "tiempo de retrabajo"),
    "bucket_scrapped_output": ("scrapped output", "producción rechazada"),
    "bucket_reworked_output": ("reworked output", "producción retrabajada"),
    "bucket_quality_unknown": ("quality unknown", "calidad desconocida"),
    "bucket_fully_productive": ("fully productive", "plenamente productivo"),
    "bucket_productive_outside_shifts": ("productive off shift", "productivo fuera de turno"),
}

#: Spanish names of the catalogue's KPIs that the board shows; English ones stand in the catalogue.
KPI_NAMES_ES = {
    "first_pass_yield": "Bueno a la primera (FPY)",
    "scrap_ratio": "Tasa de rechazo",
    "rework_ratio": "Tasa de retrabajo",
    "otif_ratio": "A tiempo y completo (OTIF)",
    "oee": "OEE",
    "availability": "Disponibilidad",
    "effectiveness": "Rendimiento",
    "lead_time_median_h": "Plazo de entrega (mediana)",
    "copq_amount": "Coste de la no calidad",
    "setup_ratio": "Tasa de preparación",
    "comprehensive_energy_consumption": "Consumo de energía por unidad",
    "worker_efficiency": "Eficiencia del personal",
}

#: Reasons of the marts in Spanish: why a figure is withheld, missing or not judged. A reason that
#: is not listed stands in English, marked as such.
REASONS_ES = {
    "no feed delivered": "sin datos entregados",
    "no machine states delivered": "sin estados de máquina entregados",
    "no output counted": "sin producción contada",
    "no completed production order delivered": "sin orden de producción terminada",
    "no sales order lines delivered": "sin líneas de pedido de venta entregadas",
    "no attendance and work time of people delivered": "sin presencia ni tiempo de trabajo",
    "no attendance delivered": "sin presencia entregada",
    "no work time delivered": "sin tiempo de trabajo entregado",
    "no energy readings delivered": "sin lecturas de energía entregadas",
    "no energy metered": "sin energía medida",
    "output whose energy no meter counted": "producción cuya energía ningún contador midió",
    "no planned time: nothing was scheduled": "sin tiempo planificado: nada programado",
    "no planned time: the plant has no shift calendar": "sin calendario de turnos",
    "no planned production time: no orders": "sin tiempo de producción planificado: sin órdenes",
    "no operating time": "sin tiempo de operación",
    "no production time": "sin tiempo de producción",
    "planned time not observed": "tiempo planificado no observado",
    "run time not observed": "tiempo de marcha no observado",
    "output without a standard rate": "producción sin ritmo estándar",
    "output without a good quantity": "producción sin cantidad buena",
    "machines that count no output": "máquinas que no cuentan producción",
    "runs without a quantity": "series sin cantidad",
    "quantities in several units have no sum": "cantidades en varias unidades no se suman",
    "items in different units of measure": "artículos en distintas unidades de medida",
    "items without a standard cost": "artículos sin coste estándar",
    "no standard cost delivered": "sin coste estándar entregado",
    "good quantity not delivered": "cantidad buena no entregada",
    "good quantity not counted": "cantidad buena no contada",
    "time without a shift calendar": "tiempo sin calendario de turnos",
    "coverage not known": "cobertura desconocida",
    "nothing demanded": "nada pedido",
    "nobody owns the target": "nadie responde del objetivo",
    "the target was delivered after the period began": (
        "el objetivo llegó después de empezar el periodo"
    ),
}
BELOW_FLOOR = re.compile(r"coverage ([0-9.]+) below ([0-9.]+)(?:: (.*))?")
FEW_PEOPLE = re.compile(r"would tell of fewer than (\d+) people")
NO_FIGURE = "no figure: "


def text(language: str, key: str, **values: object) -> str:
    """A text of the board with its values. Raises KeyError for a key that is not there."""
    return TEXTS[key][LANGUAGES.index(language)].format(**values)


def reason(language: str, english: str) -> str:
    """A reason of the marts in a language; as it is where nobody translated it."""
    if language == "en":
        return english
    if english.startswith(NO_FIGURE):
        return f"sin cifra: {reason(language, english.removeprefix(NO_FIGURE))}"
    below = BELOW_FLOOR.fullmatch(english)
    if below:
        cause = f": {reason(language, below[3])}" if below[3] else ""
        numbers = (below[1].replace(".", ","), below[2].replace(".", ","))
        return "cobertura {} por debajo de {}".format(*numbers) + cause
    few = FEW_PEOPLE.fullmatch(english)
    if few:
        return f"diría lo de menos de {few[1]} personas"
    return REASONS_ES.get(english, english)
