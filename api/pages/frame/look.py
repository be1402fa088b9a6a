"""How a reader wants pages to look: three switches and the language in one cookie."""

from dataclasses import dataclass, replace
from typing import Final

COOKIE: Final = "jiangtu_look"
SWITCHES: Final = {"text": "大字", "contrast": "高对比", "theme": "深色"}
ENGLISH: Final = "english"
_KEPT: Final = (*SWITCHES, ENGLISH)
_VALUES: Final = {"text": "large", "contrast": "high", "theme": "dark"}


@dataclass(frozen=True, slots=True)
class Look:
    """The switches; all off is the plain light look, in Chinese."""

    text: bool = False
    contrast: bool = False
    theme: bool = False
    english: bool = False

    @classmethod
    def of(cls, cookie: str | None) -> "Look":
        """Read a cookie; anything unknown in it is ignored."""
        words = set((cookie or "").split("."))
        return cls(**{switch: switch in words for switch in _KEPT})

    def toggled(self, switch: str) -> "Look":
        """Return the look with one switch turned; an unknown switch changes nothing."""
        return replace(self, **{switch: not getattr(self, switch)}) if switch in _KEPT else self

    def cookie(self) -> str:
        """Return the value of the cookie."""
        return ".".join(switch for switch in _KEPT if getattr(self, switch))

    def attributes(self) -> dict[str, str]:
        """Return the data attributes of the root element."""
        return {f"data-{switch}": value for switch, value in _VALUES.items() if getattr(self, switch)}
