"""What people read: pictures, tables and the report page, made from the pipeline's files alone."""
