"""Everything that touches the outside: engines, the book of Parquet files, lender systems, channels, gateways, maps, documents."""
