"""The history of the schema, in Alembic's form."""
