"""A lab that keeps genetic reports: `python -m sandbox.lab --port P --data DIR`."""

from sandbox import cli
from sandbox.content.build import fill
from sandbox.web import record_app


def main() -> None:
    """Open the store, fill a new one, and serve."""
    options = cli.parser("lab").parse_args()
    system = cli.open_system(options, "lab", "Cedar Point Genomics (sandbox lab)")
    fill(system)
    cli.serve(record_app(system), system, options.port)


if __name__ == "__main__":
    main()
