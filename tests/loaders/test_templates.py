"""Templates follow the schema, and an empty one stores nothing."""

import pytest
from openpyxl import load_workbook

from kg.errors import InvalidInputError
from kg.schema import SCHEMA, Column, ColumnType, Schema, Table
from loaders.pipeline import load
from loaders.templates import write_template
from tests.loaders.batches import NOON, SEALER, memory_store


def _load(store, path):
    return load([path], store=store, sealer=SEALER, schema=SCHEMA, source="s", actor="t", clock=lambda: NOON)


def test_every_table_and_column_is_there(tmp_path):
    path = tmp_path / "模板.xlsx"
    write_template(SCHEMA, None, path)
    workbook = load_workbook(path)
    visible = [sheet.title for sheet in workbook if sheet.sheet_state == "visible"]
    assert visible == [table.zh for table in SCHEMA.tables]
    for table in SCHEMA.tables:
        header = [cell.value for cell in workbook[table.zh][1]]
        assert header == [column.zh + ("*" if column.required else "") for column in table.columns]
        assert all(cell.comment is not None for cell in workbook[table.zh][1])


def test_empty_template_loads_as_nothing(tmp_path):
    path = tmp_path / "模板.xlsx"
    write_template(SCHEMA, None, path)
    report = _load(memory_store(), path)
    document = report.to_json()
    assert (report.exit_code, document["totals"]["read"], document["rejects"]) == (0, 0, [])
    assert set(document["tables"]) == set(SCHEMA.by_key)
    assert [warning["code"] for warning in document["warnings"]] in ([], ["hidden-sheet"])


def test_one_table_by_name_has_its_lists(tmp_path):
    path = tmp_path / "x.xlsx"
    write_template(SCHEMA, ["企业"], path)
    (sheet,) = load_workbook(path).worksheets
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert '"正常,异常,失信,注销"' in rules.values()
    assert "单位：人" in sheet["F1"].comment.text


def test_unknown_table_is_told(tmp_path):
    with pytest.raises(InvalidInputError):
        write_template(SCHEMA, ["nothing"], tmp_path / "x.xlsx")


def test_a_made_up_kind_appears(tmp_path):
    kind = Table(
        key="gadgets",
        zh="器具",
        en="Gadgets",
        kind="gadget",
        columns=(Column(key="gadget_id", zh="器具编号", en="Gadget", type=ColumnType.CODE, required=True),),
        natural_key=("gadget_id",),
    )
    schema = Schema((*SCHEMA.tables, kind))
    write_template(schema, None, tmp_path / "x.xlsx")
    assert load_workbook(tmp_path / "x.xlsx")["器具"]["A1"].value == "器具编号*"
