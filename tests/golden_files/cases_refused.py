"""Golden cases: files that are refused whole, most of them before anything is opened."""

from typing import Final

from tests.golden_files.builders import HEAD, book, firm, packed, repacked, text
from tests.golden_files.case import Case

GOOD: Final = book({"企业": [HEAD, firm(1)]})
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FAR: Final = ("</sheetData>", '<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>')
ENTITY: Final = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
DEEP: Final = b'[{"name": ' + b"[" * 70 + b"]" * 70 + b"}]"


def _refused(name: str, rules: str, file: str, content: bytes, code: str) -> Case:
    return Case(name=name, rules=rules, files={file: content}, errors=[code])


CASES: Final = [
    _refused("a web page saved as .xls", "S33", "企业.xls", b"<html><table><tr><td>x</td></tr></table></html>", "unsupported-type"),
    _refused("XML of a spreadsheet saved as .xls", "S33", "企业.xls", b'<?xml version="1.0"?><Workbook/>', "unsupported-type"),
    _refused("a binary workbook", "S33", "企业.xlsb", packed({"xl/workbook.bin": b"x"}), "unsupported-type"),
    _refused("an OpenDocument sheet", "S33", "企业.ods", packed({"mimetype": b"x", "content.xml": b"<x/>"}), "unsupported-type"),
    _refused("a PDF", "S33", "企业.csv", b"%PDF-1.7\n", "unsupported-type"),
    _refused("a picture", "S33", "企业.xlsx", b"\x89PNG\r\n\x1a\n", "unsupported-type"),
    _refused("a workbook with a password", "S33", "企业.xlsx", COMPOUND + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    _refused("a workbook cut short", "S33", "企业.xlsx", GOOD[:-200], "damaged-file"),
    _refused("an Excel 97 file that is none", "S33", "企业.xls", COMPOUND + bytes(504) + "Workbook".encode("utf-16-le"), "damaged-file"),
    _refused("a workbook whose sheet is missing", "S33 §4", "企业.xlsx", packed({
        "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="x" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="r1" Target="worksheets/none.xml"/></Relationships>',
    }), "damaged-file"),
    _refused("a bomb: a part that inflates a thousandfold", "S36", "企业.xlsx", packed({"xl/workbook.xml": bytes(12 << 20)}), "unsafe-archive"),
    _refused("three thousand entries", "S36", "企业.xlsx", packed({f"x{n}.xml": b"" for n in range(3000)}), "unsafe-archive"),
    _refused("an entry that leaves its folder", "S36", "登记.zip", packed({"../../企业.csv": text([HEAD, firm(1)])}), "unsafe-archive"),
    _refused("an entry on a drive", "S36", "登记.zip", packed({"C:\\企业.csv": text([HEAD, firm(1)])}), "unsafe-archive"),
    _refused("an entity of another file", "S36", "企业.xlsx", repacked(GOOD, more={"xl/styles.xml": ENTITY}), "unsafe-archive"),
    _refused("one cell at the far end of the sheet", "S36 §4", "企业.xlsx", repacked(GOOD, {"xl/worksheets/sheet1.xml": [FAR]}), "too-large"),
    _refused("a field of more than a megabyte", "S36", "企业.csv", text([HEAD, firm(1)[:2]]) + b"x" * 1_100_000, "too-large"),
    _refused("an archive in an archive", "S33 S36", "登记.zip", packed({"里面.zip": packed({"企业.csv": text([HEAD, firm(1)])})}), "unsupported-type"),
    _refused("an archive of hidden files only", "S40", "登记.zip", packed({".企业.csv": b"x"}), "no-rows"),
    _refused("JSON with a key twice", "S37", "企业.json", b'[{"name": "a", "name": "b"}]', "bad-json"),
    _refused("JSON with a number that is none", "S37", "企业.json", b'[{"staff": NaN}]', "bad-json"),
    _refused("JSON with text behind it", "S37", "企业.json", b"[] []", "bad-json"),
    _refused("JSON seventy lists deep", "S36 S37", "企业.json", DEEP, "bad-json"),
    _refused("JSON that is one object of values", "S37", "企业.json", b'{"name": "a"}', "bad-json"),
]  # fmt: skip
