"""How much of an input file is looked at before it is refused (`files.md` S36)."""

from dataclasses import dataclass

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one input file; all sizes in bytes unless told otherwise.

    `file_bytes` holds for workbooks and JSON, `csv_bytes` for CSV (an upload gets the smaller one for both).
    An archive part is refused above `part_ratio` (inflated to stored) when it is larger than `part_free_bytes`.
    `grid_cells` bounds the used range of a sheet (last row times last column; for JSON objects times keys), `columns`
    its width as office programs do.
    """

    file_bytes: int = 200 * _MEGABYTE
    csv_bytes: int = 4096 * _MEGABYTE
    field_bytes: int = _MEGABYTE
    archive_entries: int = 2_000
    archive_bytes: int = 2048 * _MEGABYTE
    part_ratio: int = 200
    part_free_bytes: int = 10 * _MEGABYTE
    grid_cells: int = 50_000_000
    columns: int = 16_384
    json_depth: int = 64
