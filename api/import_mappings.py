"""What headers of a source mean, as the pages and the command keep it: read, saved, listed, forgotten, audited."""

from collections.abc import Mapping, Sequence
from typing import Any

from kg.bootstrap import Graph
from kg.errors import NotFoundError
from kg.model.viewers import Viewer
from loaders.saved_mappings import (
    Choice,
    Words,
    forget_mapping,
    listed_mappings,
    save_choices,
    saved_choices,
    saved_mapping,
)
from loaders.sources.raw import RefusedFileError


class Mappings:
    """The accepted mappings below the data folder of a service."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._data = graph, graph.settings.data

    def saved(self, source: str, table: str) -> dict[str, tuple[str, bool]]:
        """Return what headers of this source mean in a table; raises RefusedFileError for a broken file."""
        return saved_choices(saved_mapping(self._data, source, self._graph.schema), table)

    def words(self, source: str, table: str) -> dict[str, dict[str, str]]:
        """Return what words of this source mean, by column of a table."""
        found = saved_mapping(self._data, source, self._graph.schema)
        return {} if found is None else {key: dict(told) for key, told in found.values.get(table, {}).items()}

    def always(self, source: str, table: str) -> dict[str, str]:
        """Return what every row of this source has in columns that its files lack."""
        found = saved_mapping(self._data, source, self._graph.schema)
        return {} if found is None else dict(found.always.get(table, {}))

    def save(
        self,
        source: str,
        table: str,
        choices: Sequence[Choice],
        words: Words,
        always: Mapping[str, str],
        *,
        viewer: Viewer,
    ) -> None:
        """Keep these meanings for every later load of the source."""
        save_choices(self._data, source, table, choices, self._graph.schema, words, always)
        self._graph.audit.record(viewer.name, "mapping", source, {"table": table, "columns": len(choices)})

    def listed(self) -> list[dict[str, Any]]:
        """Return the sources with a mapping: name, the file's text, and its lines by table as people read them.

        `tables` is empty where somebody broke the file: its text tells what stands in it.
        """
        return [
            {"source": source, "text": path.read_text(encoding="utf-8"), "tables": self._tables(source)}
            for source, path in listed_mappings(self._data)
        ]

    def _tables(self, source: str) -> list[dict[str, Any]]:
        schema = self._graph.schema
        try:
            found = saved_mapping(self._data, source, schema)
        except RefusedFileError:
            return []
        if found is None:
            return []
        return [
            {
                "label": schema.by_key[key].zh,
                "columns": [(header, self._label(key, column)) for header, column in columns.items()],
                "always": [
                    (self._label(key, column), text) for column, text in found.always.get(key, {}).items()
                ],
                "words": [
                    (self._label(key, column), word, meant)
                    for column, told in found.values.get(key, {}).items()
                    for word, meant in told.items()
                ],
            }
            for key, columns in found.columns.items()
        ]

    def _label(self, table: str, column: str) -> str:
        """Return what pages call a column, "" for one that is left out."""
        return self._graph.schema.by_key[table].column(column).zh if column else ""

    def forget(self, source: str, *, viewer: Viewer) -> None:
        """Remove the mapping of a source; raises NotFoundError where there is none."""
        if not forget_mapping(self._data, source):
            raise NotFoundError("这个来源没有保存过列名对应")
        self._graph.audit.record(viewer.name, "mapping-forgotten", source, {})
