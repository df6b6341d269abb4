"""Several processes of several threads write to one SQLite file at once: nobody fails, and nobody's count is lost."""

from tests.server.counting import begun, crowded, reached


def test_writers_in_two_processes_lose_no_count(a_file, tmp_path):
    begun(a_file)
    assert crowded(a_file, tmp_path, processes=2, threads=2, times=15) == []
    assert reached(a_file) == 60
