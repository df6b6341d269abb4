"""The history of the schema, step by step. A published step is never edited."""
