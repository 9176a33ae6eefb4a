with
    current_versions as (
        select * from {{ current_rows("stock_documents", ["document_id"]) }} as versions
    )

select plant_id, source, document_id, posting_date, entered_at
from current_versions
