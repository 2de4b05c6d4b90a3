"""The INFO and sample columns of a line, checked against what the head of the file defines.

Patterns are made once per form of a column and then answer for the whole column at once; only
a column that fails is taken apart, to name the field that is wrong.
"""

import re
from functools import lru_cache

import msgspec

from portal.genomics.vcf import definitions
from portal.genomics.vcf.definitions import Field
from portal.genomics.vcf.faults import BadRecord
from portal.genomics.vcf.header import STRICT_FROM, Header

_KEY = re.compile(r"[A-Za-z_][0-9A-Za-z_.]*|1000G")
_OLD_KEY = re.compile(r"[^\s;=,]+")
_FORMAT_KEY = re.compile(r"[A-Za-z_][0-9A-Za-z_.%]*")
_OLD_FORMAT_KEY = re.compile(r"[^\s:;=,*]+")
_FILTERS = r"[^:\s]+"  # a list of names with semicolons between
_GENOTYPE = r"[/|]?(?:[0-9]{1,6}|\.)(?:[/|](?:[0-9]{1,6}|\.))*"
_FORMS_KEPT = 12
_AS_ONE_PATTERN = 100  # fields of a sample; a pattern for more would be nested too deep
_NEVER = re.compile(r"(?!)")
_FIELDS_OF_A_SAMPLE = 1_000  # real ones have up to a few dozen
_INTEGER = re.compile(r"[-+]?[0-9]+")


class Info:
    """The INFO column of one file."""

    def __init__(self, header: Header) -> None:
        self._strict = header.version >= STRICT_FROM
        self._fields = (definitions.INFO if self._strict else {}) | header.info
        self._forms: dict[int, list[re.Pattern[str]]] = {}

    def check(self, text: str, alts: int) -> str:
        """Return what is wrong with the value of a field, or nothing.

        Raises BadRecord when the column is not a list of fields at all.
        """
        if text == ".":
            return ""
        forms = self._forms.get(alts, ())
        for form in forms:
            if form.fullmatch(text):
                return ""
        return self._explain(text, alts)

    def _explain(self, text: str, alts: int) -> str:
        patterns: dict[str, str] = {}
        wrong = ""
        for item in text.removesuffix(";").split(";"):
            key, equals, value = item.partition("=")
            if key in patterns:
                raise BadRecord("info", "INFO gives the same field twice.")
            patterns[key] = self._pattern(key, alts, equals=bool(equals))
            if equals and not re.fullmatch(patterns[key][len(re.escape(key)) + 1 :], value):
                wrong = wrong or _wrong("INFO", key, value)
            elif not equals and patterns[key] != re.escape(key):
                wrong = wrong or f"The INFO field {key} has no value."
        if not wrong:
            self._learn(alts, ";".join(patterns.values()) + ";?")
        return wrong

    def _pattern(self, key: str, alts: int, *, equals: bool) -> str:
        if not (_KEY if self._strict else _OLD_KEY).fullmatch(key):
            raise BadRecord(
                "info", "The name of an INFO field has a sign in it that names do not have."
            )
        field = self._fields.get(key, Field(".", "String"))
        if not equals and (field.type == "Flag" or key not in self._fields):
            return re.escape(key)
        if not self._strict and field.type == "String" and key not in definitions.INFO:
            field = Field(".", "String")
        return f"{re.escape(key)}={definitions.value_pattern(key, field, alts, sample=False)}"

    def _learn(self, alts: int, pattern: str) -> None:
        if len(pattern) > 1 << 16:
            return
        forms = self._forms.setdefault(min(alts, 1 << 10), [])
        forms.insert(0, re.compile(pattern))
        del forms[_FORMS_KEPT:]


def _wrong(column: str, key: str, value: str) -> str:
    name = key if re.fullmatch(r"[A-Za-z0-9_.]{1,20}", key) else "with an odd name"
    if any(
        _INTEGER.fullmatch(part) and abs(int(part[:40])) >= 1 << 31 for part in value.split(",")
    ):
        return f"The {column} field {name} holds a number too big for VCF."
    return (
        f"The {column} field {name} does not have the number or type of values that it must have."
    )


class Form(msgspec.Struct, frozen=True):
    """The sample column under one FORMAT, at lines with so many alternate alleles."""

    whole: re.Pattern[str]
    keys: tuple[str, ...]
    fields: tuple[tuple[str, re.Pattern[str]], ...]
    has_genotype: bool


class Samples:
    """The sample column of one file."""

    def __init__(self, header: Header) -> None:
        self._strict = header.version >= STRICT_FROM
        self._fields = (definitions.FORMAT if self._strict else {}) | header.format
        self.form = lru_cache(maxsize=256)(self._form)

    def _form(self, text: str, alts: int, ploidy: int | None) -> Form:
        keys = text.split(":")
        if len(keys) > _FIELDS_OF_A_SAMPLE:
            raise BadRecord("format", "FORMAT names more fields than any real file has.")
        pattern = _FORMAT_KEY if self._strict else _OLD_FORMAT_KEY
        if not all(pattern.fullmatch(key) for key in keys):
            raise BadRecord("format", "FORMAT has a sign in it that names of fields do not have.")
        if len(set(keys)) != len(keys):
            raise BadRecord("format", "FORMAT gives the same field twice.")
        if "GT" in keys[1:]:
            raise BadRecord("format", "The genotype (GT) must be the first field of FORMAT.")
        values = [self._value(key, alts, ploidy) for key in keys]
        whole = _one_after_the_other(values) if len(keys) <= _AS_ONE_PATTERN else _NEVER
        fields = tuple((k, re.compile(v)) for k, v in zip(keys, values, strict=True))
        return Form(whole, tuple(keys), fields, keys[0] == "GT")

    def _value(self, key: str, alts: int, ploidy: int | None) -> str:
        if key == "GT":
            return _GENOTYPE
        if key == "FT":
            return _FILTERS
        field = self._fields.get(key, Field(".", "String"))
        if not self._strict and field.type == "String":
            field = Field(".", "String")
        return definitions.value_pattern(key, field, alts, sample=True, ploidy=ploidy)


def _one_after_the_other(values: list[str]) -> re.Pattern[str]:
    """Return the pattern of a whole sample, of which the last fields may be left out."""
    rest = "".join(f"(?::{value}" for value in values[1:]) + ")?" * (len(values) - 1)
    return re.compile(values[0] + rest)


def values_of(form: Form, text: str) -> tuple[dict[str, str], str]:
    """Return the values of a sample by field, without the wrong ones, and what is wrong.

    Raises BadRecord when the genotype itself cannot be read.
    """
    parts = text.split(":")
    if len(parts) > len(form.fields):
        raise BadRecord("sample", "The sample has more values than FORMAT has fields.")
    if form.whole.fullmatch(text):
        return dict(zip(form.keys, parts, strict=False)), ""
    wrong = ""
    good: dict[str, str] = {}
    for (key, pattern), part in zip(form.fields, parts, strict=False):
        if pattern.fullmatch(part):
            good[key] = part
        elif key == "GT":
            raise BadRecord("genotype", "The genotype (GT) cannot be read.")
        else:
            wrong = wrong or _wrong("sample", key, part)
    return good, wrong
