{{ valid_costs(ref("stg_operation_costs"), per=["sequence_no"]) }}
