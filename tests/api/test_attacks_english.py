"""A person's name is told as the register has it, also where the catalogue of English words holds it."""

from pathlib import Path

from api.pages.frame.look import COOKIE, ENGLISH
from kg.model.graph import RowId
from tests.api.conftest import Site, load_tables
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.world import tables


def test_a_name_that_is_a_word_of_the_catalogue_is_told_as_it_is(
    site: Site,
    browse: Browse,  # noqa: F811
    tmp_path: Path,
) -> None:
    (person,) = [row for row in tables()["talents"] if row["person_id"] == "P2"]
    load_tables(site.graph, tmp_path, part={"talents": [{**person, "name": "成功", "phone": "10011113333"}]})
    (row,) = site.graph.store.rows(ids=[RowId("市库", "talents", "P2")])
    client = browse("officer")
    client.cookies.set(COOKIE, ENGLISH)
    token = csrf(client.get("/me").text)
    page = client.post(f"/nodes/talent/{row.person}/reveal", data={"csrf": token, "reason": "call"}).text
    assert "Name and telephone" in page
    assert '<bdi lang="zh">成功</bdi>' in page
    assert "10011113333" in page
