"""Engines that run a statement over tables: DuckDB on this machine, Spark on a cluster, behind one port."""
