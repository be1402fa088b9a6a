"""The person rows of a batch: whose ID tokens are known without reading their cells again."""

from loaders.keys import Resolved
from loaders.persons import Persons
from loaders.plans import ID_NUMBER, ID_TYPE
from loaders.registry import GOOD, Registry


class People:
    """What the rows of the person table say of ID numbers, by place; collects nothing where `wanted` is False."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._tokens: list[str | None] = []
        self._halves: list[str] = []

    def note(self, row: Resolved) -> None:
        """Take in the next row."""
        if self._wanted:
            self._tokens.append(row.token)
            if (ID_TYPE in row.values) != (ID_NUMBER in row.values):
                self._halves.append(row.key)

    def of(self, registry: Registry, persons: Persons) -> dict[str, str] | None:
        """Return the token of each person_id that is accepted ("" without an ID number).

        None where a person who is stored already gets only the type or only the number of the ID: the other part is
        sealed then.
        """
        accepted = {key: place for key, place in registry.first.items() if registry.state[place] == GOOD}
        persons.learn(set(accepted), set())
        if any(key in accepted and persons.own(key) is not None for key in self._halves):
            return None
        tokens = {}
        for key, place in accepted.items():
            token = self._tokens[place]
            if token is None:
                person = persons.own(key)
                token = person.identity if person is not None else ""
            tokens[key] = token
        return tokens
