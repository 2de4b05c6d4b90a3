"""The command that tells what is understood of a file, without a database."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.genomics.findings import from_json
from tests.genomics.builders import a_bundle, a_report, a_variant, answer, coded, without
from tests.genomics.vcf import builders as vcf

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data" / "fhir"


def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Return the exit code, the lines and the complaints of one run."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("read", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    else:
        code = 0
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def a_file(folder: Path, raw: bytes) -> str:
    path = folder / "file.json"
    path.write_bytes(raw)
    return str(path)


def test_a_good_file_ends_with_0_and_every_line_is_one_record(tmp_path: Path) -> None:
    raw = a_bundle(a_report("v"), a_variant("v", answer("53034-5", "LA6706-1")))

    code, lines, complaints = run(a_file(tmp_path, raw))

    assert code == 0
    assert complaints == ""
    assert [line["record"] for line in lines] == ["report", "finding"]
    assert lines[1] | {"sources": None} == lines[1] | {
        "id": "v",
        "kind": "variant",
        "status": "final",
        "presence": "present",
        "zygosity": "heterozygous",
        "subject": "Patient/me",
        "source": {"resource": "Observation/v", "path": "Bundle.entry[1].resource"},
        "sources": None,
    }
    assert all(from_json(line) for line in lines)


def test_what_the_file_does_not_say_is_absent_from_the_line(tmp_path: Path) -> None:
    _code, lines, _ = run(a_file(tmp_path, a_bundle(a_variant())))

    assert not lines[0].keys() & {"genes", "hgvs", "position", "zygosity", "source_class", "ref"}


def test_a_rejected_entry_ends_with_1(tmp_path: Path) -> None:
    raw = a_bundle(a_variant(), {"id": "what"})

    code, lines, _ = run(a_file(tmp_path, raw))

    assert code == 1
    assert {line["record"] for line in lines} == {"finding", "rejected"}
    assert next(line["reason"] for line in lines if line["record"] == "rejected")


def test_a_quarantined_resource_ends_with_1_and_is_not_told(tmp_path: Path) -> None:
    other = a_variant("w", answer("53034-5", "LA6705-3"), subject={"reference": "Patient/x"})
    raw = a_bundle(a_report("v", "w"), a_variant(), other)

    code, lines, _ = run(a_file(tmp_path, raw))

    assert code == 1
    assert [line["id"] for line in lines if line["record"] == "quarantined"] == ["w"]
    assert "homozygous" not in json.dumps(lines)


def test_the_patient_can_be_named(tmp_path: Path) -> None:
    code, lines, _ = run(a_file(tmp_path, a_bundle(a_variant())), "--patient", "somebody")

    assert code == 1
    assert [line["record"] for line in lines] == ["quarantined"]


@pytest.mark.parametrize("raw", [b"", b"not json", b"<Bundle/>", b'{"a":1}'])
def test_what_is_no_document_ends_with_2(tmp_path: Path, raw: bytes) -> None:
    code, lines, complaints = run(a_file(tmp_path, raw))

    assert code == 2
    assert not lines
    assert complaints


def test_a_missing_file_ends_with_2() -> None:
    assert run("/nowhere/at/all.json")[0] == 2


def test_of_several_files_the_worst_counts(tmp_path: Path) -> None:
    good = a_file(tmp_path, a_bundle(a_variant()))

    code, lines, _ = run(good, str(DATA / "older-fhir" / "none.json"))

    assert code == 2
    assert len(lines) == 1


def test_a_variant_call_file_gives_findings_too(tmp_path: Path) -> None:
    raw = vcf.a_file(vcf.a_line(), vcf.a_line("0/0", pos=32316470), vcf.a_line("0/9", pos=32316480))

    code, records, _ = run(a_file(tmp_path, raw))

    assert code == 1
    assert [one["record"] for one in records] == ["finding", "rejected", "report"]
    assert records[0]["hgvs"]["g"] == ["NC_000013.11:g.32316461G>A"]


def test_a_file_that_is_not_read_is_refused_by_its_content(tmp_path: Path) -> None:
    code, records, complaints = run(a_file(tmp_path, b"%PDF-1.7\n"))

    assert (code, records) == (2, [])
    assert "PDF" in complaints


def test_it_runs_without_any_settings_or_database(tmp_path: Path) -> None:
    name = a_file(tmp_path, a_bundle(a_variant()))
    command = [sys.executable, str(ROOT / "manage.py"), "read", name]

    done = subprocess.run(command, env={}, capture_output=True, check=False, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == "v"


def test_its_help_says_what_each_record_and_each_end_means() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "read", "--help"]

    done = subprocess.run(command, env={}, capture_output=True, check=False, cwd=ROOT, text=True)

    assert done.returncode == 0
    for word in ("finding", "report", "notice", "rejected", "quarantined", "ends with 0"):
        assert f"\n  {word} " in done.stdout or f"\n{word}" in done.stdout


def test_who_stops_reading_its_lines_is_no_fault_of_the_file(tmp_path: Path) -> None:
    name = a_file(tmp_path, a_bundle(*(a_variant(f"v{number}") for number in range(500))))
    command = [sys.executable, str(ROOT / "manage.py"), "read", name]

    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={}, stdout=pipe, stderr=pipe, cwd=ROOT) as reading:
        assert reading.stdout is not None
        assert reading.stderr is not None
        reading.stdout.readline()
        reading.stdout.close()
        complaints = reading.stderr.read()

    assert complaints == b""


def test_fhir_that_was_packed_with_gzip_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(a_bundle(a_variant()))

    code, lines, _ = run(a_file(tmp_path, whole))
    broken, _, complaints = run(a_file(tmp_path, whole[:-9]))

    assert code == 0
    assert [one["kind"] for one in lines if one["record"] == "finding"] == ["variant"]
    assert broken == 2
    assert "packed" in complaints


def with_regions(folder: Path, bed: bytes, option: str = "--bed") -> tuple[int, list[Any], str]:
    (folder / "regions.bed").write_bytes(bed)
    raw = vcf.a_file(vcf.a_line(), vcf.a_line(pos=32316500))
    return run(a_file(folder, raw), option, str(folder / "regions.bed"))


def test_the_regions_of_a_test_are_read_with_its_variants(tmp_path: Path) -> None:
    code, records, _ = with_regions(tmp_path, b"chr13\t32316400\t32316470\tBRCA2_ex2\n")

    kinds = [one.get("kind", one["record"]) for one in records]
    assert code == 0
    assert kinds == ["region-studied", "variant", "notice", "variant", "report"]
    region = records[0]
    assert region["genes"] == [{"symbol": "BRCA2", "id": "HGNC:1101"}]
    assert region["regions"][0] == {"state": "studied", "text": "BRCA2_ex2"}
    assert (
        region["regions"][1]["position"] | {"start0": 32316400, "end0": 32316470}
        == (region["regions"][1]["position"])
    )
    assert records[2]["code"] == "outside-regions"
    assert "did not look" in records[3]["notes"][-1]
    assert "1 region with 70 letters of DNA was looked at." in records[4]["conclusion"]
    assert "1 difference lies where the test did not look" in records[4]["conclusion"]


def test_regions_that_could_not_be_read_are_told_as_such(tmp_path: Path) -> None:
    code, records, _ = with_regions(tmp_path, b"chr13\t1\t9\n", "--noncallable")

    assert code == 0
    assert [one["state"] for one in records[0]["regions"]] == ["uncalled"]
    assert "could not be read" in records[-1]["conclusion"]


def test_a_broken_region_ends_with_1_and_counts_as_no_line_of_the_test(tmp_path: Path) -> None:
    code, records, _ = with_regions(tmp_path, b"chr13\t9\t3\n" * 20)

    rejected = [one["source"]["path"] for one in records if one["record"] == "rejected"]
    assert code == 1
    assert rejected == [f"regions, line {number}" for number in range(1, 21)]
    assert "could not be read" not in records[-1]["conclusion"]


def test_regions_go_with_a_test_of_variants_only(tmp_path: Path) -> None:
    name = a_file(tmp_path, a_bundle(a_variant()))

    code, records, complaints = run(name, "--bed", name)

    assert (code, records) == (2, [])
    assert "read with a VCF only" in complaints


def test_a_file_of_regions_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    name = a_file(tmp_path, vcf.a_file(vcf.a_line()))

    with pytest.raises(CommandError, match="cannot be opened"):
        run(name, "--bed", "/nowhere/at/all.bed")


def test_a_number_is_printed_in_the_figures_of_the_lab(tmp_path: Path) -> None:
    plain = without(a_variant(), "valueCodeableConcept", "component")
    marker = plain | {"code": coded("94076-7"), "valueQuantity": {"value": 7.25}}
    raw = a_bundle(a_report("v"), marker).replace(b"7.25", b"1.50")
    out = io.StringIO()

    call_command("read", a_file(tmp_path, raw), stdout=out)

    (line,) = [one for one in out.getvalue().splitlines() if '"finding"' in one]
    assert '"value":1.50,' in line
    assert '"value_as_sent":"1.50"' in line
    assert from_json(json.loads(line))
