-- A few hundred kinds of states stand behind millions of states: while these are cut and sorted,
-- a kind's number travels with each part instead of all that is said of it.
with
    states as (select * from {{ ref("int_machine_states__resolved") }}),

    kinds as (
        select state, source, reason_id, is_labelled, is_failure, is_open
        from states
        group by state, source, reason_id, is_labelled, is_failure, is_open
    )

select {{ row_handle() }} as kind_no, kinds.*
from kinds
