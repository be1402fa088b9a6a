"""The search index answers as the plain definition does, hit by hit; totals are exact."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.index.search import FIELDS, Entry, Lens, SearchIndex
from kg.index.sounds import readings_of, sounds_of
from kg.model.graph import NodeRef
from kg.text import fold

WORDS = "北湖轴承单雄信重庆仇 A1bi"
NAMES = st.text(WORDS, min_size=1, max_size=5)
ENTRIES = st.lists(
    st.builds(
        Entry,
        node=st.builds(
            NodeRef, st.sampled_from(["enterprise", "need"]), st.sampled_from(string.ascii_lowercase[:8])
        ),
        name=NAMES,
        codes=st.lists(NAMES, max_size=2).map(tuple),
        aliases=st.lists(NAMES, max_size=2).map(tuple),
        closed_aliases=st.booleans(),
        person=st.booleans(),
        owners=st.sampled_from([(), ("org",), ("other",)]),
        open=st.booleans(),
        ownable=st.booleans(),
    ),
    max_size=12,
)
LENSES = st.sampled_from([Lens(everything=True), Lens(org="org"), Lens()])


def _plain(entry: Entry, wanted: str, lens: Lens) -> tuple[int, int] | None:
    """Return (place, field) of the best match of one entry by the definition, None for no match."""
    own = lens.org is not None and lens.org in entry.owners
    if not (lens.everything or entry.open or (entry.ownable and own)):
        return None
    aliases = entry.aliases if lens.everything or own or not entry.closed_aliases else ()
    texts = [(0, entry.name), *((1, text) for text in aliases), *((2, text) for text in entry.codes)]
    found = []
    for number, (field, text) in enumerate(texts):
        squeezed = fold(text).replace(" ", "")
        if wanted in squeezed:
            place = 0 if squeezed == wanted else 1 if squeezed.startswith(wanted) else 2
            found.append((place, number, field))
    if found:
        place, _, field = min(found)
        return place, field
    readings = readings_of(entry.name, person=entry.person)
    if not wanted.isascii() or readings[0][0] == fold(entry.name):
        return None
    sounds = [(3, reading[0]) for reading in readings] + [(4, reading[1]) for reading in readings]
    for number, (field, sound) in enumerate(sounds):
        if sound.startswith(wanted) or (field == 3 and len(wanted) >= 4 and wanted in sound):
            found.append((3 if sound == wanted else 4, number, field))
    return (min(found)[0], min(found)[2]) if found else None


@settings(deadline=None)  # the first sound loads the dictionaries
@given(ENTRIES, st.text(WORDS + "xnghuzcqo", min_size=1, max_size=5), LENSES, st.integers(1, 12))
def test_the_index_is_the_definition(entries: list[Entry], query: str, lens: Lens, limit: int) -> None:
    wanted = fold(query).replace(" ", "")
    best: dict[NodeRef, tuple[int, int, int, NodeRef]] = {}
    for entry in entries:
        match = _plain(entry, wanted, lens) if wanted else None
        if match is not None:
            order = (*match, len(entry.name), entry.node)
            best[entry.node] = min(best.get(entry.node, order), order)
    hits, total = SearchIndex(entries).find(query, kinds=None, lens=lens, limit=limit)
    assert total == len(best)
    assert [hit.order for hit in hits] == sorted(best.values())[:limit]
    assert all(FIELDS.index(hit.field) == hit.order[1] for hit in hits)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("重庆长安汽车有限公司", "長安汽車"),
        ("無錫機電有限公司", "无锡机电"),
        ("無損檢測員", "无损检测"),
        ("张伟", "張偉"),
        ("阿卜杜·热西提", "阿卜杜•热西提"),
        ("阿卜杜•热西提", "杜．热"),
        ("系统v2.0", "v2.0"),
    ],
)
def test_traditional_is_simplified_and_all_dots_are_one(name: str, query: str) -> None:
    index = SearchIndex([Entry(node=NodeRef("enterprise", "a"), name=name)])
    hits, total = index.find(query, kinds=None, lens=Lens(everything=True), limit=1)
    assert (total, hits[0].text) == (1, name), "what is shown stays as it was given"


@given(ENTRIES, LENSES)
def test_counts_are_what_an_empty_filter_would_find(entries: list[Entry], lens: Lens) -> None:
    index = SearchIndex(entries)
    counts = index.counts(lens)
    assert sum(counts.values()) <= len({entry.node for entry in entries})
    if lens.everything:
        assert sum(counts.values()) == len({entry.node for entry in entries})


def test_surnames_words_and_characters() -> None:
    assert sounds_of("单雄信", person=True) == ("shanxiongxin", "sxx")
    assert readings_of("单雄信", person=True)[1] == ("danxiongxin", "dxx")
    assert sounds_of("尉迟恭", person=True)[0] == "yuchigong"
    assert sounds_of("重庆机床", person=False)[0] == "chongqingjichuang"
    assert readings_of("北湖轴承", person=False) == (("beihuzhoucheng", "bhzc"),)
    assert readings_of("", person=True) == (("", ""),)
