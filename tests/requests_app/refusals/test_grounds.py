"""The grounds of refusals: each of a law that is known, none offered where it does not belong."""

from __future__ import annotations

import pytest

from requests_app.deadlines.rules import RIGHTS, shipped_rules
from requests_app.refusals import grounds

CODES = {rule.code for rule in shipped_rules()}
GROUNDS = grounds.every_ground()


def slugs(*laws, right="access", **known):
    return {ground.slug for ground in grounds.fitting(laws, right, **known)}


def test_every_ground_is_of_laws_that_have_a_period_and_stands_once():
    assert {law for ground in GROUNDS for law in ground.articles} - {grounds.ANY} <= CODES
    assert len({ground.slug for ground in GROUNDS}) == len(GROUNDS)
    assert grounds.version() >= 1


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.slug)
def test_words_are_sentences_and_every_right_is_one_its_law_grants(ground):
    assert ground.words.endswith(".")
    assert not ground.label.endswith(".")
    granted = {right for rule in shipped_rules() if rule.code in ground.articles for right in rule.rights}
    assert set(ground.rights) <= (granted or set(RIGHTS))


@pytest.mark.parametrize(
    ("law", "right"),
    [("GDPR", right) for right in RIGHTS]
    + [("UK", right) for right in RIGHTS]
    + [("US-CA", right) for right in ("access", "portability", "rectification", "erasure", "objection")]
    + [("US-VA", "erasure"), ("LGPD", "erasure"), ("CH", "access"), ("PIPEDA", "access"), ("SG", "access")],
)
def test_a_request_can_be_refused_whole_where_the_law_knows_it(law, right):
    assert [ground for ground in grounds.fitting([law], right) if "whole" in ground.extents]


def test_grounds_of_another_law_another_right_or_another_country_are_not_offered():
    assert "uk-privilege" in slugs("UK")
    assert not {"uk-privilege", "ca-law", "de-secrecy"} & slugs("GDPR", country="AT")
    assert "de-secrecy" in slugs("GDPR", country="DE")
    assert "legal-claims" not in slugs("GDPR")
    assert "legal-claims" in slugs("GDPR", right="erasure")
    assert slugs("XX") == set()


def test_that_no_law_grants_it_is_a_ground_only_where_none_does():
    assert "no-such-right" not in slugs("GDPR")
    assert "no-such-right" in slugs("GDPR", is_granted=False)


def test_an_article_is_that_of_the_law_that_leads():
    excessive = grounds.find("excessive")
    assert excessive.article(["UK", "GDPR"]) == "UK GDPR Art. 12(5)(b)"
    assert excessive.article(["US-CA", "GDPR"]) == "GDPR Art. 12(5)(b)"
    assert excessive.article(["BR"]) == ""
    assert grounds.find("nothing-like-it") is None


def test_an_objection_to_direct_marketing_is_never_refused_by_a_ground_of_the_gdpr():
    weighed = [item for item in grounds.fitting(["GDPR"], "objection") if "21(1)" in item.article(["GDPR"])]
    assert weighed
    assert all("direct marketing" in item.words for item in weighed)
