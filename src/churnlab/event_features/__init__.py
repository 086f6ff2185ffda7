"""Features of event tables as of reference dates: written once, run on DuckDB or Spark.

A row counts at a reference date when it happened before the midnight that begins the date and was
known before it. Amounts are summed as whole cents, days as whole days: sums of integers do not
depend on the order of rows, so every engine and every number of threads gives the same value.
"""
