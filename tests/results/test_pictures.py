"""Every picture is small, named, readable as words, and safe to put into a page or a PDF."""

import gzip
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from portal.genomics.gene_places import GENE_PLACES
from portal.results.pictures.chromosomes import CHROMOSOMES, NAMES
from portal.results.pictures.family import Relative, family
from portal.results.pictures.flow import Band, flow
from portal.results.pictures.icon_array import Share, icon_array
from portal.results.pictures.ideogram import NARROW, Spot, ideogram
from portal.results.pictures.lollipop import Change, lollipop
from portal.results.pictures.region_bar import Coverage, region_bar
from portal.results.pictures.square_code import square_code
from portal.results.pictures.svg import Picture
from portal.results.pictures.timeline import Moment, timeline

SVG = "{http://www.w3.org/2000/svg}"
RUDE = '"><script>alert(1)</script>&'

SPOTS = [
    Spot("soon", "BRCA2", "13", 32_315_086, "#brca2"),
    Spot("medicines", "CYP2C19", "10", 94_762_681, "#cyp2c19"),
    Spot("medicines", RUDE, "X", None, "#x"),
]
BANDS = [Band("Medicines", "All of Us", 7), Band(RUDE, "Stays with you", 5, stays=True)]


def drawn(picture: Picture | None) -> Picture:
    assert picture is not None
    return picture


DRAWINGS: dict[str, Callable[[], Picture]] = {
    "ideogram": lambda: ideogram("one", SPOTS),
    "narrow ideogram": lambda: ideogram("two", SPOTS, NARROW),
    "icon array": lambda: icon_array(Share("three", 13, RUDE)),
    "region bar": lambda: region_bar(Coverage("four", 90, 6, 4)),
    "flow": lambda: flow("five", BANDS),
    "family": lambda: family(
        "seven",
        [
            Relative("Mother", "MTH", "female", ("Breast cancer", "Diabetes")),
            Relative("Father", "FTH", "male"),
            Relative(RUDE, "SON", "", (RUDE,)),
            Relative("Someone", "", ""),
        ],
    ),
    "lollipop": lambda: drawn(lollipop("eight", Change("EGFR", "p.Leu858Arg", "tumour"))),
    "square code": lambda: square_code("nine", "https://portal.example/doctors/"),
    "timeline": lambda: timeline("six", [Moment("March 3, 2026", RUDE, "soon")]),
}


@pytest.fixture(params=list(DRAWINGS.values()), ids=list(DRAWINGS))
def picture(request: pytest.FixtureRequest) -> Picture:
    made: Picture = request.param()
    return made


def test_a_picture_weighs_less_than_5_kb(picture: Picture) -> None:
    assert len(gzip.compress(picture.svg.encode())) <= 5 * 1024


def test_a_picture_has_a_title_and_a_description_that_name_it(picture: Picture) -> None:
    root = ET.fromstring(picture.svg)

    named = root.attrib["aria-labelledby"].split()
    ids = {node.attrib["id"] for node in root if "id" in node.attrib}
    assert ids == set(named)
    assert all(node.text for node in root if "id" in node.attrib)


def test_a_picture_with_links_is_a_group_and_one_without_is_an_image(picture: Picture) -> None:
    root = ET.fromstring(picture.svg)

    has_links = root.find(f".//{SVG}a") is not None
    assert root.attrib["role"] == ("group" if has_links else "img")


def test_a_picture_uses_attributes_only_and_nothing_rude_gets_in(picture: Picture) -> None:
    root = ET.fromstring(picture.svg)

    assert not list(root.iter(f"{SVG}script"))
    assert all(not {"style", "class"} & set(node.attrib) for node in root.iter())


def test_a_picture_also_says_its_facts_in_words(picture: Picture) -> None:
    assert picture.twin
    assert all(picture.twin)


@given(count=st.integers(0, 100))
def test_an_icon_array_shows_exactly_the_number_and_the_rest(count: int) -> None:
    root = ET.fromstring(icon_array(Share("a", count, "words")).svg)

    people = {
        node.attrib["fill"]: node.attrib["d"].count("v-7") for node in root.iter(f"{SVG}path")
    }
    assert people.get("#8a3b12", 0) == count
    assert people.get("#fff", 0) == 100 - count


def test_an_icon_array_of_101_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        icon_array(Share("a", 101, "words"))


def test_a_spot_on_an_unknown_sequence_is_left_out_of_picture_and_words() -> None:
    made = ideogram("a", [Spot("soon", "NOWHERE", "MT", 1)])

    assert "NOWHERE" not in made.svg
    assert made.twin == ()


def test_every_known_gene_lies_within_its_chromosome() -> None:
    lengths = {chromosome.name: chromosome.length * 1_000_000 for chromosome in CHROMOSOMES}

    assert all(0 < place <= lengths[name] for name, place in GENE_PLACES.values())


def test_bands_lie_within_their_chromosome_and_do_not_overlap() -> None:
    for chromosome in CHROMOSOMES:
        bands = sorted((*chromosome.dark, *chromosome.middle, *chromosome.varying))
        ends = [0.0, *(end for _, end in bands)]
        assert all(start >= before for (start, _), before in zip(bands, ends, strict=False))
        assert ends[-1] <= chromosome.length
    assert len(NAMES) == 24


@pytest.mark.parametrize(
    ("gene", "change"),
    [("NOWHERE", "p.Leu858Arg"), ("EGFR", "p.Leu99858Arg"), ("EGFR", "p.?"), ("EGFR", "c.1A>G")],
)
def test_a_place_that_we_cannot_know_is_not_drawn(gene: str, change: str) -> None:
    assert lollipop("a", Change(gene, change, "soon")) is None


def test_a_square_code_is_the_code_of_its_address_with_white_around_it() -> None:
    address = "https://portal.example/doctors/"
    root = ET.fromstring(square_code("code", address).svg)

    path = root.findall(f"{SVG}path")[0].attrib["d"]
    drawn_dark = {
        (int(x) + step, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", path)
        for step in range(int(width))
    }
    rows = segno.make_qr(address, error="m").matrix
    dark = {(x + 4, y + 4) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
    assert drawn_dark == dark
    assert root.attrib["viewBox"] == f"0 0 {len(rows) + 8} {len(rows) + 8}"


@given(st.lists(st.integers(0, 80_000_000), min_size=2, max_size=6))
def test_marks_on_one_chromosome_never_lie_on_each_other(positions: list[int]) -> None:
    spots = [Spot("pass-on", f"G{number}", "17", at) for number, at in enumerate(positions)]

    root = ET.fromstring(ideogram("a", spots).svg)
    marks = [
        (float(one.get("cx", 0)), float(one.get("cy", 0))) for one in root.iter(f"{SVG}circle")
    ]

    assert len(marks) == len(positions)
    for number, (x, y) in enumerate(marks):
        others = marks[number + 1 :]
        assert all(abs(x - left) >= 12 or abs(y - top) >= 12 for left, top in others)


def test_words_beside_a_timeline_stay_inside_it() -> None:
    words = "Report: comprehensive genomic profiling of the tumor and of the blood"

    root = ET.fromstring(timeline("a", [Moment("March 3, 2026", words)]).svg)
    lines = [one.text or "" for one in root.iter(f"{SVG}text")][1:]

    assert " ".join(lines) == words
    assert all(len(line) <= 38 for line in lines)


def test_grandparents_are_named_whole() -> None:
    relatives = [Relative("Maternal grandmother", "MGRMTH"), Relative("abuelo paterno", "PGRFTH")]

    root = ET.fromstring(family("a", relatives).svg)
    lines = [one.text for one in root.iter(f"{SVG}text")]

    assert lines == ["Maternal", "grandmother", "abuelo paterno", "You"]


def test_what_is_little_can_still_be_seen_in_a_bar() -> None:
    root = ET.fromstring(region_bar(Coverage("a", 9_996, 3, 1)).svg)
    bar = [float(one.get("width", 0)) for one in root.iter(f"{SVG}rect")][::2]

    assert min(bar) > 5
    assert sum(bar) == pytest.approx(640, abs=0.5)
