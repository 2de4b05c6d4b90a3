"""What runs for real is as careful as what runs in the demo."""

from pathlib import Path

import yaml

from tools.postgres import NO_VALUES_IN_ITS_LOG

COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())


def test_i10_the_log_of_the_database_names_no_value_that_it_refused() -> None:
    words = COMPOSE["services"]["postgres"]["command"]

    assert words == ["postgres", *(f"-c{setting}" for setting in NO_VALUES_IN_ITS_LOG)]


def test_the_site_runs_as_the_role_that_cannot_rewrite_history() -> None:
    for name in ("web", "worker", "beat"):
        assert "//sync_app:" in COMPOSE["services"][name]["environment"]["DATABASE_URL"]
