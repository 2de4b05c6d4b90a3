"""Real files broken at random: no crash, nothing invented, nobody else's result."""

from tests.genomics.mutants import check, mutants


def test_mutants_of_real_files_never_break_a_promise() -> None:
    readings = [check(raw) for raw in mutants(400, seed=20)]

    read = [one for one in readings if one is not None]
    assert len(read) > 300
    assert sum(len(one.findings) for one in read) > 300
