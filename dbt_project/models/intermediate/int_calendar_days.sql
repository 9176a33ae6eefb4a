-- Every date any plant's data touches, without holes, for lists of days and for dim_date.
{{ day_list(ref("stg_plant_days"), "plant_date", "plant_date") }}
