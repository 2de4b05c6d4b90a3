"""Only what stands under a registered base is called, however the address is dressed up."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.connections import guard

BASE = guard.register("https://fhir.lab.example/r4", loopback=False)


def is_allowed(url: str) -> bool:
    try:
        guard.under(url, [BASE])
    except guard.UrlRefused:
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.lab.example/r4",
        "https://fhir.lab.example/r4?_getpages=7",
        "https://FHIR.Lab.example/r4/Observation?patient=1",
        "https://fhir.lab.example:443/r4/Observation?_page=abc%20d",
        "HTTPS://fhir.lab.example/r4/",
        "https://fhir.lab.example/r4/Observation?code=http://loinc.org|51969-4",
        "https://fhir.lab.example/r4/Binary/a.b-c",
    ],
)
def test_plain_addresses_under_the_base_are_called(url: str) -> None:
    assert is_allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.lab.example/r4",
        "https://fhir.lab.example/",
        "https://fhir.lab.example/other",
        "https://fhir.lab.example:8443/r4",
        "https://fhir.lab.example.evil.example/r4",
        "https://evil-fhir.lab.example/r4",
        "https://fhir.lab.example@evil.example/r4",
        "https://evil.example/fhir.lab.example/r4",
        "https://evil.example\\@fhir.lab.example/r4",
        "//evil.example/r4",
        "file:///r4",
        "ftp://fhir.lab.example/r4",
        "http://[::1]/r4",
        "http://0x7f.0.0.1/r4",
        "http://10.0.0.1/r4",
        "https://fhir.lab.example/r4/../other",
        "https://fhir.lab.example/r4x",
        "https://fhir.lab.example/R4/Patient/1",
        "https://fhir.lab.example/r4%2f..%2fadmin",
        "https://fhir.lab.example/r4/%2e%2e/admin",
        "https://fhir.lab.example/r4/%2E%2E/admin",
        "https://fhir.lab.example/r4/.%2e/admin",
        "https://fhir.lab.example/r4/..;/admin",
        "https://fhir.lab.example/r4/./Patient",
        "https://fhir.lab.example/r4//Patient",
        "https://fhir.lab.example//r4/Patient",
        "https://fhir.lab.example/r4/..\\admin",
        "https://fhir.lab.example/r4/%252e%252e/admin",
        "https://fhir.lab.example/r4/Patient%00",
        "https://fhir.lab.example/r4/Patient?a=%0d%0aHost:x",
        "https://fhir.lab.example/r4/Patient%zz",
        "https://fhir.lab.example/r4/Patient%",
        "https://fhir.lab.example/r4/Patient#x",
        "https://fhir.lab.example./r4/Patient",
        "https://fhir.lab.example:/r4/Patient",
        "https://fhir.lab.example:0443/r4/Patient",
        "https://fhir.lab.example:80/r4/Patient",
        "https://fhir.lab.example:443@evil.example/r4/Patient",
        "https://user:pass@fhir.lab.example/r4/Patient",
        "https://@fhir.lab.example/r4/Patient",
        "https://fhir.lab.example%2eevil.example/r4",
        "https://fhir.lab.example\t/r4/Patient",
        " https://fhir.lab.example/r4/Patient",
        "https://fhir.lab.example/r4/Patient\n",
        "https:/fhir.lab.example/r4/Patient",
        "https:fhir.lab.example/r4/Patient",
        "https:///fhir.lab.example/r4/Patient",
        "https:\\\\fhir.lab.example\\r4",
        "https://fhir.lab.example?/r4/Patient",
        "https://fhir.l\u0430b.example/r4/Patient",
        "https://fhir\u3002lab.example/r4/Patient",
        "https://\uff46hir.lab.example/r4",
        "ws://fhir.lab.example/r4",
        "javascript://fhir.lab.example/r4",
        "data:text/plain,https://fhir.lab.example/r4",
        "gopher://fhir.lab.example/r4",
        "https://127.0.0.1/r4",
        "https://2130706433/r4",
        "https://017700000001/r4",
        "https://127.1/r4",
        "https://[::ffff:127.0.0.1]/r4",
        "https://[fe80::1%25eth0]/r4",
        "https://fhir.lab.example/r4/" + "a" * guard.MOST_CHARACTERS,
        "",
        "r4/Patient",
        "/r4/Patient",
        "?page=2",
    ],
)
def test_an_address_with_two_readings_is_refused(url: str) -> None:
    assert not is_allowed(url)


@given(st.text(max_size=60))
def test_no_other_host_is_reached_by_any_text_before_the_base(text: str) -> None:
    try:
        target = guard.under(f"https://{text}fhir.lab.example/r4", [BASE])
    except guard.UrlRefused:
        return

    assert target.origin == BASE.origin


@given(st.text(alphabet="./%25eE2fF\\;?#@:a r4", max_size=30))
def test_whatever_is_allowed_stays_under_the_path(text: str) -> None:
    try:
        target = guard.under(f"https://fhir.lab.example/r4{text}", [BASE])
    except guard.UrlRefused:
        return

    assert target.path == "/r4" or target.path.startswith("/r4/")
    assert not {".", ".."} & set(target.path.split("/"))


@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.lab.example/r4",
        "http://127.0.0.1:9000/fhir",
        "https://localhost/fhir",
        "https://10.0.0.1/fhir",
        "https://169.254.169.254/latest",
        "https://[fd00::1]/fhir",
        "https://0x7f000001/fhir",
        "https://0177.0.0.1/fhir",
        "https://fhir.lab.example/r4?x=1",
    ],
)
def test_such_a_base_is_not_registered(url: str) -> None:
    with pytest.raises(guard.UrlRefused):
        guard.register(url, loopback=False)


def test_this_machine_is_registered_only_where_that_is_allowed() -> None:
    base = guard.register("http://127.0.0.1:9000/fhir/", loopback=True)

    assert base.url == "http://127.0.0.1:9000/fhir"
    assert guard.under("http://127.0.0.1:9000/fhir/Patient/1", [base]).port == 9000
    with pytest.raises(guard.UrlRefused):
        guard.under("http://127.0.0.1:9001/fhir/Patient/1", [base])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
def test_a_source_never_resolves_to_a_private_place(address: str) -> None:
    with pytest.raises(guard.UrlRefused):
        guard.check_address(address, loopback=False)


@given(st.ip_addresses(v=4))
def test_every_address_that_passes_is_public(address: IPv4Address) -> None:
    try:
        guard.check_address(str(address), loopback=False)
    except guard.UrlRefused:
        return

    assert address.is_global


def test_a_source_on_this_machine_resolves_to_nothing_else() -> None:
    guard.check_address("127.0.0.1", loopback=True)
    with pytest.raises(guard.UrlRefused):
        guard.check_address("8.8.8.8", loopback=True)
