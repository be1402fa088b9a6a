"""Who asks."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of contract §5; an administrator is not an officer by itself."""

    OFFICER = "officer"
    PLANNER = "planner"
    ENTERPRISE = "enterprise"
    SCHOOL = "school"
    PUBLIC = "public"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: name for the audit log, roles, and the organisation (credit code) that he acts for."""

    name: str
    roles: frozenset[Role]
    org: str | None = None

    def has(self, *roles: Role) -> bool:
        """True when the viewer has one of the roles."""
        return any(role in self.roles for role in roles)


PUBLIC_VIEWER = Viewer(name="public", roles=frozenset({Role.PUBLIC}))
CLI_VIEWER = Viewer(name="cli", roles=frozenset({Role.OFFICER, Role.ADMINISTRATOR}))
