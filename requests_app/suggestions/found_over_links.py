"""Sources whose rows are found over another one that holds this person, and that gave nothing themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from extractors.batches import counted
from requests_app.models import Leased, SourceSearch
from requests_app.suggestions.base import Icon, Suggestion, at_source, label_of, parsed, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_app.models import DataSource
    from requests_app.suggestions.base import Found, Look

ORDER = 50
MOST_LINKS = 6
PAST = 50
FEWEST = 5
MOSTLY_PERCENT = 80


def suggest(look: Look) -> Iterator[Suggestion]:
    """Name the sources that are not searched, and those that mostly hold something where the other one does."""
    for source, over, collection in list(_linked(look))[:MOST_LINKS]:
        where, count = label_of(parsed(over.map.text), collection), over.records[collection]
        held = f"{counted(count, 'record')} of {where} in {over.source.label} {verb(count, 'leads', 'lead')} there"
        own = next((item for item in look.found if item.source.pk == source.pk), None)
        if own is None:
            off = ", and it is switched off" if not source.is_enabled else ", and it was not searched"
            yield _suggestion(source, f"{source.label} may hold this person too.", f"{held}{off}")
        elif own.is_done and not own.total and (share := _share(source, over.source, look)):
            yield _suggestion(source, f"{source.label} found nothing, which is rare here.", f"{held}, and {share}")


def _linked(look: Look) -> Iterator[tuple[DataSource, Found, str]]:
    """Yield each source once that is linked from what was found elsewhere: by which source and collection."""
    holding = {item.source.slug: item for item in look.found if item.is_done and item.total}
    for source in look.sources:
        data_map = parsed(source.current_map.text) if source.current_map else None
        for _, _, (name, (collection, _)) in data_map.foreign_links() if data_map else ():
            if name in holding and collection in holding[name].records:
                yield source, holding[name], collection
                break


def _share(source: DataSource, over: DataSource, look: Look) -> str:
    """Say how often a source held something where the other did; nothing where that is not mostly so."""
    there = SourceSearch.objects.filter(request=OuterRef("request"), source=over, records__gt=0)
    done = SourceSearch.objects.filter(Exists(there), source=source, state=Leased.State.DONE)
    records = list(done.exclude(request=look.request).order_by("-pk").values_list("records", flat=True)[:PAST])
    held = sum(count > 0 for count in records)
    if len(records) < FEWEST or held * 100 < MOSTLY_PERCENT * len(records):
        return ""
    return f"of the last {len(records)} people found there, {held} had something in {source.label}"


def _suggestion(source: DataSource, words: str, because: str) -> Suggestion:
    return Suggestion(Icon.SOURCE, words, because, "Look at the source", at_source(source))
