"""What every documented answer shape shares."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """An answer: what is named is always there, more may come."""

    model_config = ConfigDict(extra="allow")


class NodeReference(Shape):
    """A node: kind (singular of its table), key, name (persons masked)."""

    kind: str
    key: str
    name: str
