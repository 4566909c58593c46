"""The authorities: complete where the law of the portal reaches, and the right one for a person."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from requests_app.authorities import competent, places

EEA = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT"),
    *("NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO"),
)
_LANDS = ("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH")
LAENDER = tuple(f"DE-{land}" for land in _LANDS)


@pytest.mark.parametrize("place", [*EEA, *LAENDER, "GB", "CH", "BR", "US-CA"])
def test_everybody_whom_the_great_laws_protect_is_told_where_to_complain(place: str):
    authority = competent(place, "")

    assert authority is not None
    assert authority.place == place
    assert len(authority.address) >= 2


@pytest.mark.parametrize("place", places())
def test_every_authority_can_be_found_in_the_web(place: str):
    authority = competent(place, "")

    assert authority is not None
    for url in filter(None, (authority.website, authority.complaint_url)):
        assert urlsplit(url).scheme == "https"
        assert "." in urlsplit(url).netloc
    assert not authority.email or authority.email.count("@") == 1


@pytest.mark.parametrize(
    ("lives_in", "controller_in", "competent_in"),
    [
        ("FR", "DE-BY", "FR"),
        ("DE-BE", "DE-BY", "DE-BE"),
        ("DE", "DE-BY", "DE-BY"),
        ("DE", "FR", "DE"),
        ("GB-SCT", "DE", "GB"),
        ("", "DE-HH", "DE-HH"),
        ("AR", "ES", "ES"),
        ("US-WY", "IE", "IE"),
        ("US-CA", "IE", "IE"),
        ("US-CA", "US-NV", "US-CA"),
        ("GB", "IE", "GB"),
        ("FR-75", "", "FR"),
    ],
)
def test_the_persons_own_authority_comes_first(lives_in: str, controller_in: str, competent_in: str):
    authority = competent(lives_in, controller_in)

    assert authority is not None
    assert authority.place == competent_in


def test_no_authority_is_made_up():
    assert competent("AQ", "") is None
    assert competent("", "") is None
