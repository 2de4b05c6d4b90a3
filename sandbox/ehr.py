"""A clinic that keeps health records: `python -m sandbox.ehr --port P --data DIR`."""

from sandbox import cli
from sandbox.content.build import fill
from sandbox.web import record_app


def main() -> None:
    """Open the store, fill a new one, and serve."""
    options = cli.parser("ehr").parse_args()
    system = cli.open_system(options, "ehr", "Harbor View Clinic (sandbox EHR)")
    fill(system)
    cli.serve(record_app(system), system, options.port)


if __name__ == "__main__":
    main()
