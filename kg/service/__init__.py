"""Every question the system answers: one method each, keyword `viewer`. Rights, masking and the log live here."""

from kg.service.checking import CheckQuestions
from kg.service.evidence import EvidenceQuestions
from kg.service.further import FurtherQuestions
from kg.service.graph import GraphQuestions
from kg.service.history import HistoryQuestions
from kg.service.identity import IdentityQuestions
from kg.service.identity_exact import ExactNames
from kg.service.plans import PlanQuestions
from kg.service.recommendations import Recommendations
from kg.service.records import Records
from kg.service.shown import ShownReport
from kg.service.teams import TeamQuestions

__all__ = ["Service"]


class Service(
    GraphQuestions,
    EvidenceQuestions,
    Recommendations,
    PlanQuestions,
    CheckQuestions,
    HistoryQuestions,
    FurtherQuestions,
    IdentityQuestions,
    ExactNames,
    TeamQuestions,
    ShownReport,
    Records,
):
    """The questions. Every method takes who asks; what he may not see is told exactly like what is not there."""
