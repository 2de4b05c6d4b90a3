"""Make the star-allele tables of portal/genomics/knowledge/pgx from PharmCAT's own files.

Usage: pgx_tables.py FOLDER, which has alleles/GENE_translation.json and phenotype/GENE.json
"""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "portal/genomics/knowledge/pgx"
SOURCE = "github.com/PharmGKB/PharmCAT@5431bf1187e5:src/main/resources/org/pharmgkb/pharmcat"
GENES = {
    "CYP2C19": "HGNC:2621",
    "CYP3A5": "HGNC:2638",
    "IFNL3": "HGNC:18365",
    "NUDT15": "HGNC:23063",
    "SLCO1B1": "HGNC:10959",
    "TPMT": "HGNC:12014",
    "UGT1A1": "HGNC:12530",
    "VKORC1": "HGNC:23663",
}


def table(folder: Path, gene: str) -> dict[str, Any]:
    """Return the table of one gene."""
    definition = json.loads((folder / f"alleles/{gene}_translation.json").read_text())
    phenotype = json.loads((folder / f"phenotype/{gene}.json").read_text())
    return {
        "source": f"{SOURCE}/definition/alleles/{gene}_translation.json, phenotype/{gene}.json",
        "licence": "MPL-2.0; allele definitions by PharmVar and CPIC, functions by CPIC",
        "version": definition["version"],
        "gene": gene,
        "id": GENES[gene],
        "build": "GRCh38",
        "chromosome": definition["chromosome"].removeprefix("chr"),
        "positions": [
            {"pos": v["position"], "rs": v["rsid"] or "", "ref": v["ref"], "alts": v["alts"]}
            for v in definition["variants"]
        ],
        "alleles": [
            {
                "name": one["name"],
                "function": phenotype["haplotypes"].get(one["name"]) or "",
                "letters": one["alleles"],
            }
            for one in definition["namedAlleles"]
        ],
        "phenotypes": phenotypes(phenotype),
    }


def phenotypes(phenotype: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the phenotype of each pair of functions; pairs of alleles add nothing to it."""
    functions, found = phenotype["haplotypes"], dict[tuple[str, ...], str]()
    for one in phenotype["diplotypes"]:
        names = [name for name, count in one["diplotypekey"].items() for _ in range(count)]
        pair = tuple(sorted(functions[name] or "" for name in names))
        if found.setdefault(pair, one["phenotype"]) != one["phenotype"]:
            raise SystemExit(f"{phenotype['gene']}: {pair} has two phenotypes")
    return [{"functions": pair, "phenotype": word} for pair, word in sorted(found.items())]


def main() -> None:
    """Write a file for each gene."""
    folder = Path(sys.argv[1])
    for gene in GENES:
        text = json.dumps(table(folder, gene), ensure_ascii=False, separators=(",", ":"))
        (TARGET / f"{gene}.json").write_text(text.replace('},{"', '},\n{"') + "\n")


if __name__ == "__main__":
    main()
