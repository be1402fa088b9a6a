"""The import desk in a browser: headers get their meaning, a dry run is told, progress is told, nothing is left plain."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.routes.imports import report_title
from kg.model.viewers import CLI_VIEWER
from tests.api.conftest import Site
from tests.api.page_reading import Reader, complaints, read
from tests.api.world import id_number
from tests.loaders.files_made import credit_code
from tests.waiting import until

HTML = {"accept": "text/html"}
ID = id_number("99010119800202003")
FIRM = credit_code(61)
FOREIGN = (
    "统一代码,企业名称,所在区划,登记状态,在岗人数,经办人\n"
    f"{FIRM},<b>临澄</b>瑞衡有限公司,990101,存续,430,赵某\n"
)
ROSTER = f"工号,人员姓名,身份证号,联系电话,所属区县,备注\nG1,甄合成,{ID},13800138000,990101,退休返聘\n"


class Browser:
    """A signed-in session that fills in forms as a browser without script does."""

    def __init__(self, site: Site, client: TestClient, name: str = "officer") -> None:
        self.client = client
        address = f"/sign-in/{site.accounts.link(name, direct=True)}"
        client.post(address, data={"csrf": token(client.get(address).text)})

    def send(self, text: str, name: str = "名册.csv", **fields: str) -> Any:
        data = {"csrf": token(self.client.get("/imports").text), **fields}
        return self.client.post("/imports", data=data, files=[("files", (name, text.encode(), "text/csv"))])

    def post(self, page: Any, **changes: str) -> Any:
        """Send the form of a page as it stands, with these fields changed."""
        return self.client.post(page.url.path, data={**fields_of(page.text), **changes})

    def settled(self, page: Any) -> Any:
        def ended() -> Any:
            found = self.client.get(page.url.path)
            return None if 'id="progress"' in found.text else found

        return until(ended, "the end of the import")


def token(text: str) -> str:
    return read(text).all("input", name="csrf")[0].attributes["value"]


def fields_of(text: str) -> dict[str, str]:
    """Return what the form in the middle of a page would send, but for its buttons."""
    page = read(text)
    found = {e.attributes["name"]: e.attributes["value"] for e in page.all("input", type="hidden")}
    found.pop("next", None)
    for name, options in selects(page).items():
        found[name] = next((key for key, chosen in options if chosen), options[0][0])
    return found


def selects(page: Reader) -> dict[str, list[tuple[str, bool]]]:
    """Return the options of each select and which is chosen."""
    found: dict[str, list[tuple[str, bool]]] = {}
    last = ""
    for element in page.elements:
        if element.tag == "select":
            last = element.attributes.get("name", "")
            found[last] = []
        elif element.tag == "option" and last:
            value = element.attributes.get("value", element.text)
            found[last].append((value, "selected" in element.attributes))
    return found


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    with TestClient(create_app(site.graph), headers=HTML) as client:
        yield Browser(site, client)


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_foreign_headers_are_mapped_once_and_remembered(site: Site, browser: Browser) -> None:
    page = browser.send(FOREIGN, source="监管局", do="map")
    assert page.url.path.startswith("/imports/mapping/map-")
    assert complaints(page.text) == []
    assert "<b>临澄" not in page.text
    chosen = fields_of(page.text)
    assert [chosen[f"c0.{n}"] for n in range(6)] == ["credit_code", "name", "district", "status", "staff", ""]
    assert "常见写法" in page.text
    word = next(name for name in chosen if name.startswith("w0."))
    report = browser.settled(browser.post(page, **{word: "正常"}, do="start"))
    assert "每行都有去处" in report.text
    rows = {row.id.key: row.values for row in site.graph.store.rows(table="enterprises", source="监管局")}
    assert rows[FIRM]["status"] == "正常"
    assert rows[FIRM]["staff"] == 430
    again = browser.settled(browser.send(FOREIGN, source="监管局"))
    assert "未变 1" in " ".join(read(again.text).all("main")[0].text.split())
    listed = browser.client.get("/imports/mappings")
    assert complaints(listed.text) == []
    assert "credit_code" in listed.text
    told = " ".join(read(listed.text).all("main")[0].text.split())
    assert "统一社会信用代码" in told
    assert "经营状态“正常”" in told, "what a word of the file means"
    gone = browser.client.post("/imports/mappings", data={"csrf": token(listed.text), "source": "监管局"})
    assert "还没有保存过" in gone.text
    refused = browser.settled(browser.send(FOREIGN, source="监管局"))
    assert "先对应列名" in refused.text
    assert [
        e["action"] for e in site.graph.service.audit(viewer=CLI_VIEWER, after=0, limit=200)["items"]
    ].count("mapping") == 1


def test_samples_of_personal_columns_are_masked_and_nothing_lies_in_plain(
    site: Site, browser: Browser
) -> None:
    page = browser.send(ROSTER, source="人才库", do="map")
    chosen = fields_of(page.text)
    assert [chosen[f"c0.{n}"] for n in range(6)] == [
        "person_id",
        "name",
        "id_number",
        "phone",
        "district",
        "",
    ]
    for secret in ("甄合成", ID, "13800138000", "退休返聘"):
        assert secret not in page.text
    drafts = _files_below(site.graph.settings.data / "drafts")
    assert drafts
    for path in drafts:
        assert not [word for word in ("甄合成", ID, "工号") if word.encode() in path.read_bytes()], path
    report = browser.settled(browser.post(page, do="start"))
    assert "每行都有去处" in report.text
    assert _files_below(site.graph.settings.data / "drafts") == []
    assert _files_below(site.graph.settings.data / "incoming") == []


def test_another_table_is_proposed_anew(browser: Browser) -> None:
    page = browser.send("代号,叫法\n990177,西岭\n", source="x", do="map")
    again = browser.post(page, t0="districts", do="again")
    assert again.status_code == 200
    assert fields_of(again.text)["was0"] == "districts"
    done = browser.settled(browser.post(again, **{"c0.0": "code", "c0.1": "name"}, do="start"))
    assert "新增 1" in " ".join(read(done.text).all("main")[0].text.split())


def test_what_does_not_fit_is_told_and_nothing_is_saved(site: Site, browser: Browser) -> None:
    page = browser.send(FOREIGN, source="监管局", do="map")
    twice = browser.post(page, **{"c0.5": "name"}, do="start")
    assert twice.status_code == 422
    assert "请只留一列" in twice.text
    assert fields_of(twice.text)["c0.5"] == "name"
    assert complaints(twice.text) == []
    lacking = browser.post(page, **{"c0.1": ""}, do="start")
    assert "还缺必填列：企业名称" in lacking.text
    nothing = browser.post(page, t0="", was0="", do="start")
    assert "至少要为一张工作表选定" in nothing.text
    assert not (site.graph.settings.data / "mappings").exists()
    unknown = browser.post(page, **{"c0.1": "nonsense"}, do="start")
    assert unknown.url.path.startswith("/imports/")


def test_a_draft_is_only_for_whoever_sent_it(site: Site, browser: Browser) -> None:
    page = browser.send(FOREIGN, source="监管局", do="map")
    with TestClient(create_app(site.graph), headers=HTML) as client:
        assert Browser(site, client, "administrator").client.get(page.url.path).status_code == 404
    with TestClient(create_app(site.graph), headers=HTML) as client:
        assert Browser(site, client, "enterprise").client.get(page.url.path).status_code == 403
    for odd in ("map-0000", "..%2f..", "map-", "map-%2e%2e"):
        assert browser.client.get(f"/imports/mapping/{odd}").status_code == 404


def test_files_without_a_header_or_of_a_wrong_kind_say_so_at_the_field(site: Site, browser: Browser) -> None:
    page = browser.send("1,2\n3,4\n", do="map")
    assert page.status_code == 422
    assert "找不到像表头的一行" in page.text
    assert _files_below(site.graph.settings.data / "drafts") == []


def test_a_dry_run_shows_the_rows_that_would_change(site: Site, browser: Browser) -> None:
    before = site.graph.store.revision()
    report = browser.settled(
        browser.send("区划代码,名称\n990101,改名区\n990188,新区\n", dry_run="true", source="市库")
    )
    text = " ".join(read(report.text).all("main")[0].text.split())
    assert complaints(report.text) == []
    assert "正式导入会改什么" in text
    assert "更新 1" in text
    assert "改名区" in text
    assert site.graph.store.revision() == before
    told = site.get(report.url.path.replace("/imports", "/imports")).json()
    assert (told["changes"]["total"], told["batch"]) == (2, None)
    other = site.get(report.url.path, "administrator").json()
    assert (other["changes"]["total"], other["changes"]["items"]) == (2, [])


def test_the_limit_on_retirement_can_be_confirmed_on_the_page(browser: Browser) -> None:
    browser.settled(browser.send("区划代码,名称\n990103,甲\n990104,乙\n", source="省库"))
    shorter = "区划代码,名称\n990103,甲\n"
    refused = browser.settled(browser.send(shorter, source="省库", full="true"))
    assert "确认数 1" in refused.text
    done = browser.settled(browser.send(shorter, source="省库", full="true", confirm_retire="1"))
    assert "另停用 1" in done.text


def test_a_running_import_is_followed_with_and_without_script(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "imp-0123456789abcdef"
    progress = {
        "step": "check",
        "table": "talents",
        "table_label": "人才",
        "rows": 1200,
        "total": 5000,
        "seconds": 3.2,
    }
    site.graph.ledger.put("imports", number, {"status": "running", "pid": 1, "by": "x", "progress": progress})
    page = browser.client.get(f"/imports/{number}")
    assert complaints(page.text) == []
    found = read(page.text)
    assert found.all("meta", **{"http-equiv": "refresh"})[0].parents[-1] == "noscript"
    assert [e.text for e in found.all("li", **{"aria-current": "step"})] == ["校验"]
    bar = found.all("progress")[0].attributes
    assert (bar["max"], bar["value"]) == ("5000", "1200")
    assert (
        found.all("section", id="progress")[0].attributes["data-events"] == f"/api/v1/imports/{number}/events"
    )
    script = found.all("script")[0].attributes["src"]
    answer = browser.client.get(script)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert site.graph.ledger.get("imports", number) is not None
    assert json.dumps(site.get(f"/imports/{number}").json()) == json.dumps({
        "id": number,
        "status": "running",
    })


def test_titles_of_occupations_are_told_with_what_they_were_read_as(site: Site, browser: Browser) -> None:
    roster = "工号,人员姓名,所属区县,工种\nG1,甄合成,990101,装配钳工\nG2,乙合成,990101,<i>捏脸师\n"
    browser.settled(
        browser.send("职业代码,名称,版本\n6-20-01-01,装配钳工,2022\n", name="职业.csv", source="省厅")
    )
    page = browser.send(roster, source="人才库", do="map")
    assert "填的是名称" in page.text
    report = browser.settled(browser.post(page, do="start"))
    assert complaints(report.text) == []
    lines = ["".join(row.text.split()) for row in read(report.text).all("tr")]
    assert "装配钳工1装配钳工6-20-01-01100%" in lines
    assert any(line.startswith("<i>捏脸师1按名称收下") for line in lines)
    assert "<i>捏脸师" not in report.text
    occupations = {
        row.id.key: row.values["occupation"]
        for row in site.graph.store.rows(table="talents", source="人才库")
    }
    assert occupations == {"G1": "6-20-01-01", "G2": "<i>捏脸师"}


def test_what_the_file_lacks_may_be_the_same_for_all(site: Site, browser: Browser) -> None:
    browser.settled(
        browser.send("职业代码,名称,版本\n6-20-01-01,装配钳工,2022\n", name="职业.csv", source="省厅")
    )
    text = "人才编号,证号,职业代码,技能等级,发证时间\nP1,S000037000001252000001,6-20-01-01,技师,2025-05-01\n"
    page = browser.send(text, source="市库", do="map")
    assert complaints(page.text) == []
    assert fields_of(page.text)["was0"] == "certificates"
    lacking = browser.post(page, do="start")
    assert lacking.status_code == 422
    assert "还缺必填列：证书类型" in lacking.text
    report = browser.settled(browser.post(page, **{"k0.kind": "职业技能等级证书"}, do="start"))
    assert "新增 1" in " ".join(read(report.text).all("main")[0].text.split())
    kinds = [row.values["kind"] for row in site.graph.store.rows(table="certificates", source="市库")]
    assert "职业技能等级证书" in kinds
    again = browser.send(text, source="市库", do="map")
    assert fields_of(again.text)["k0.kind"] == "职业技能等级证书"
    back = browser.post(again, **{"k0.kind": ""}, do="start")
    assert "还缺必填列：证书类型" in back.text


def test_a_first_delivery_of_which_nothing_was_stored_changed_no_data(browser: Browser) -> None:
    shown = [browser.settled(browser.send("区划代码,名称\n99,错\n", source="省库")) for _ in range(2)]
    told = [
        [words for words in ("只记下了这次报送", "没有改变", "已改变") if words in one.text] for one in shown
    ]
    assert told == [["只记下了这次报送"], ["没有改变"]]
    stored = browser.settled(browser.send("区划代码,名称\n990103,甲\n", source="省库"))
    assert "已改变" in stored.text


def test_a_batch_of_which_nothing_was_stored_does_not_say_imported() -> None:
    counts = {"read": 3, "inserted": 0, "updated": 0, "unchanged": 0, "retired": 0, "rejected": 3}
    report: dict[str, object] = {"status": "done-with-rejects", "batch": "b-000003", "totals": counts}
    assert report_title(report, "b") == "批次 b-000003：没有行存入，3 行全部被拒"
    report["totals"] = {**counts, "inserted": 1, "rejected": 2}
    assert report_title(report, "b") == "批次 b-000003：已导入，有 2 行被拒"
