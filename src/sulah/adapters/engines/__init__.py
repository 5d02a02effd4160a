"""Engines that run a statement over tables: DuckDB now, Spark later, behind one port."""
