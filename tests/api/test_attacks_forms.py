"""Forms sent twice or without the limits that a browser keeps."""

import io

import pytest

from api.import_drafts import Drafts
from kg.errors import RefusedError
from kg.model.graph import RowId
from kg.model.viewers import CLI_VIEWER
from tests.api.conftest import Site
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture


def test_a_draft_that_is_sent_twice_at_once_is_refused_the_second_time(site: Site) -> None:
    drafts = Drafts(site.graph)
    content = io.BytesIO("单位名称,信用代码\n甲,1\n".encode())
    number = drafts.keep(
        [("名册.csv", content)], viewer=CLI_VIEWER, source="市库", full=False, dry_run=True
    )  # fmt: skip
    draft = drafts.open(number, viewer=CLI_VIEWER)
    with drafts.files_of(draft) as files:
        assert [name for name, _ in files] == ["名册.csv"]
        with pytest.raises(RefusedError) as refused, drafts.files_of(draft):
            pass
        assert refused.value.code == "still-running"
        assert files[0][1].read() == content.getvalue()


def test_a_reason_without_end_is_not_written_into_the_audit_trail(
    site: Site,
    browse: Browse,  # noqa: F811
) -> None:
    (row,) = site.graph.store.rows(ids=[RowId("市库", "talents", "P2")])
    client = browse("officer")
    token = csrf(client.get("/me").text)
    before = site.get("/audit").json()["items"]
    page = client.post(f"/nodes/talent/{row.person}/reveal", data={"csrf": token, "reason": "因" * 501})
    assert page.status_code == 422
    assert "合成P2" not in page.text
    assert site.get("/audit").json()["items"] == before
