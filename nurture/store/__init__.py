"""The database: schema, engine, and one module of queries for each subject."""
