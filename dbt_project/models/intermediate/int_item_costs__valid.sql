{{ valid_costs(ref("stg_item_costs")) }}
