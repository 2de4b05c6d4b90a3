"""What is compared between two copies of a result."""

from portal.results.versions import plain_elements


def test_a_number_is_compared_with_the_sign_before_it() -> None:
    body = {"valueQuantity": {"value": 1, "comparator": "<", "unit": "%"}}

    assert plain_elements(body)["value"] == "<1 %"
    assert plain_elements({"valueQuantity": {"value": 1, "unit": "%"}})["value"] == "1 %"
