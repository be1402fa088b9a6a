"""Takes a document for what it is: a certificate, or a plan that holds one."""

from typing import Any, Final

from kg.matching.plans.checking.hours import check_hours
from kg.matching.plans.checking.seats import check_seats
from kg.matching.plans.checking.verdict import BadShapeError, Json, Verdict

FORMAT: Final = "jiangtu-plan-certificate-1"
_REPEATED: Final = ("allocation", "closed", "coalitions", "blocking", "negotiable", "value", "seats", "hours", "stable",
                    "objective", "question", "as_of", "policy", "revision")  # fmt: skip
_ADDED: Final = frozenset({"surplus"})


def certificate_in(document: Any) -> Json | None:
    """Return the certificate that a document is or holds; None where a plan only names one."""
    if not isinstance(document, dict):
        raise BadShapeError("文件不是方案，也不是方案的证书")
    if document.get("format") == FORMAT:
        return document
    inside = document.get("certificate")
    if isinstance(inside, dict) and inside.get("format") == FORMAT:
        return inside
    if isinstance(inside, dict) and isinstance(document.get("id"), str):
        return None
    raise BadShapeError(f"文件不是方案，也不是方案的证书（应有 format: {FORMAT}）")


def check_document(document: Any, certificate: Json | None = None) -> Verdict:
    """Return what does not hold in a certificate or a plan; `certificate` is the stored one of a plan without its own.

    A document that is none at all is a finding, too: nothing is raised.
    """
    try:
        found = certificate or certificate_in(document)
        if found is None:
            raise BadShapeError("方案里没有证书全文：请下载证书再校验")
        kind = found.get("kind")
        if kind not in ("cooperation", "mobility"):
            raise BadShapeError("“kind”应是 cooperation 或 mobility")
        verdict = check_seats(found) if kind == "cooperation" else check_hours(found)
        if document is not found:
            _compare(document, found, verdict)
    except BadShapeError as error:
        verdict = Verdict()
        verdict.refuse("bad-shape", f"证书读不懂：{error}")
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
        OverflowError,
    ):  # a hostile file may hold anything
        verdict = Verdict()
        verdict.refuse("bad-shape", "证书读不懂：有的内容类型不对")
    return verdict


def _compare(plan: Json, certificate: Json, verdict: Verdict) -> None:
    """The plan says what its certificate says."""
    for key in _REPEATED:
        if key in certificate and _plain(plan.get(key)) != _plain(certificate[key]):
            verdict.refuse("plan-differs", f"方案里的“{key}”与证书里的不同")


def _plain(value: Any) -> Any:
    """Return a value without what a plan adds for readers."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if key not in _ADDED}
    return value
