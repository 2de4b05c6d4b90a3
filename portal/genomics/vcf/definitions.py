"""The fields that VCF itself names, and the form of each value, as patterns.

Spec: https://samtools.github.io/hts-specs/VCFv4.3.pdf (1.6.1 and 1.6.2), VCFv4.4.pdf
"""

from math import comb
from typing import NamedTuple


class Field(NamedTuple):
    """A field of INFO or FORMAT: how many values, of which type."""

    number: str  # a count, A, R, G, or "." for any
    type: str  # Integer, Float, Flag, Character, String


TYPES = frozenset({"Integer", "Float", "Flag", "Character", "String"})

INFO = {
    "AA": Field("1", "String"),
    "AC": Field("A", "Integer"),
    "AD": Field("R", "Integer"),
    "ADF": Field("R", "Integer"),
    "ADR": Field("R", "Integer"),
    "AF": Field("A", "Float"),
    "AN": Field("1", "Integer"),
    "BQ": Field("1", "Float"),
    "CIGAR": Field("A", "String"),
    "DB": Field("0", "Flag"),
    "DP": Field("1", "Integer"),
    "END": Field("1", "Integer"),
    "H2": Field("0", "Flag"),
    "H3": Field("0", "Flag"),
    "MQ": Field("1", "Float"),
    "MQ0": Field("1", "Integer"),
    "NS": Field("1", "Integer"),
    "SOMATIC": Field("0", "Flag"),
    "VALIDATED": Field("0", "Flag"),
    "1000G": Field("0", "Flag"),
}
FORMAT = {
    "AD": Field("R", "Integer"),
    "ADF": Field("R", "Integer"),
    "ADR": Field("R", "Integer"),
    "DP": Field("1", "Integer"),
    "EC": Field("A", "Integer"),
    "FT": Field("1", "String"),
    "GL": Field("G", "Float"),
    "GP": Field("G", "Float"),
    "GQ": Field("1", "Integer"),
    "GT": Field("1", "String"),
    "HQ": Field("2", "Integer"),
    "MQ": Field("1", "Integer"),
    "PL": Field("G", "Integer"),
    "PQ": Field("1", "Integer"),
    "PS": Field("1", "Integer"),
}
# Known to be written by older tools in another form than the specification gives them.
NUMBER_VARIES = frozenset({"SB"})
NEVER_NEGATIVE = frozenset(
    {"AC", "AD", "ADF", "ADR", "AF", "AN", "DP", "END", "MQ", "MQ0", "NS", "GQ"}
)

# Signed 32 bits, less the few that BCF keeps for itself.
_UP_TO_MAX = (
    r"0*(?:[0-9]{1,9}|1[0-9]{9}|20[0-9]{8}|21[0-3][0-9]{7}|214[0-6][0-9]{6}|2147[0-3][0-9]{5}"
    r"|21474[0-7][0-9]{4}|214748[0-2][0-9]{3}|2147483[0-5][0-9]{2}|21474836[0-3][0-9]|214748364[0-7])"
)
_DECIMAL = (
    r"(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])"
)
_ONE = {
    "Integer": rf"[-+]?{_UP_TO_MAX}",
    "Float": rf"[-+]?{_DECIMAL}",
    "Character": r"[^,;:\t]",
    "String": r"[^,;:\t]*",
}
_UNSIGNED = {"Integer": rf"\+?{_UP_TO_MAX}", "Float": rf"\+?{_DECIMAL}"}


def value_pattern(
    key: str, field: Field, alts: int, *, sample: bool, ploidy: int | None = None
) -> str:
    """Return the pattern of the value of a field at a record with so many alternate alleles."""
    if field.type == "Flag":
        return "[01]"
    one = _ONE[field.type]
    if key in NEVER_NEGATIVE:
        one = _UNSIGNED.get(field.type, one)
    if not sample:
        one = one.replace("[^,;:", "[^,;")
    one = rf"(?:{one}|\.)"
    count = how_many(field.number, alts, ploidy)
    if count is None or key in NUMBER_VARIES:
        return rf"{one}(?:,{one})*"
    return rf"(?:{one}(?:,{one}){{{count - 1}}}|\.)" if count > 1 else one


def how_many(number: str, alts: int, ploidy: int | None) -> int | None:
    """Return how many values there must be; None for any number.

    One value per genotype (G) has a count only where the ploidy is known.
    """
    if number == "A":
        return max(alts, 1)
    if number == "R":
        return alts + 1
    if number == "G" and ploidy is not None:
        return comb(alts + ploidy, ploidy)
    return int(number) if number.isdigit() and number != "0" else None
