"""A gene that came by its HGNC number alone is called by its name, where that is known."""

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.genomics.findings import Gene
from tests.results.builders import a_brca2_change, a_report, an_origin, keep, open_all

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("number", "title"), [("1101", "BRCA2"), ("9999999", "HGNC:9999999")])
def test_a_gene_that_came_by_its_number_is_called_by_its_name(
    client: Client, patient: User, number: str, title: str
) -> None:
    change = a_brca2_change(genes=(Gene("", f"HGNC:{number}"),), hgvs=None)
    keep(an_origin(patient), a_report(), change)
    open_all(patient)

    page = client.get("/results/").text

    assert f'<span translate="no">{title}</span>' in page
