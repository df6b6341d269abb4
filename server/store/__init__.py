"""All SQL: tables, engines, and what is read and written in them. One statement serves SQLite, PostgreSQL and Citus."""
