select delivery_id, feed, feed_rows from {{ source("raw", "feed_deliveries") }}
