"""Features of event tables on DuckDB beside pandas and beside one query per date."""
