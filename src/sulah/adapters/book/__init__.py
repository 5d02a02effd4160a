"""The book of Parquet files on disk: where loads and days lie, how a file becomes durable."""
