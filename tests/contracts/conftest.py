"""The contract is told of the same databases as the server's tests."""

from tests.server.conftest import a_data_dir, a_file, a_worn_database, both, config, database_url

__all__ = ["a_data_dir", "a_file", "a_worn_database", "both", "config", "database_url"]
