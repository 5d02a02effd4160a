"""The same rows on DuckDB and on Spark, statement by statement."""
