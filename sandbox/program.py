"""A research program: `python -m sandbox.program --port P --data DIR --profile NAME`."""

from sandbox import cli
from sandbox.research.rules import PROFILES, rules_of
from sandbox.web import program_app


def main() -> None:
    """Open the store and serve."""
    parser = cli.parser("program")
    parser.add_argument("--profile", choices=PROFILES, required=True)
    options = parser.parse_args()
    rules = rules_of(options.profile)
    system = cli.open_system(options, "program", rules.title)
    cli.serve(program_app(system, rules), system, options.port)


if __name__ == "__main__":
    main()
