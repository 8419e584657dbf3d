"""What an import did: counts, every problem with its row, and the refused rows as they came.

Two files say it to people: ``<layer>-<file>-report.csv`` with one line per problem and
``<layer>-<file>-refused.csv`` with one line per refused row, ready to be mended and handed in
again; the sheet's name follows the file's where it says more. Both are UTF-8 with a byte-order
mark, which Excel needs to show Chinese.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from yanshan_gis.ingest.problems import RejectedRow, RowProblem, Severity
from yanshan_gis.messages import N_, Language, Notice, translate
from yanshan_gis.store.output import put

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from yanshan_gis.ingest.fields import FieldMapping


_COLUMNS = {
    "row": N_("row"),
    "field": N_("field"),
    "value": N_("value"),
    "code": N_("code"),
    "message": N_("message"),
    "severity": N_("severity"),
}
_SEVERITIES: dict[Severity, str] = {
    "refuse": N_("refused"),
    "warn": N_("warning"),
    "note": N_("note"),
}

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_LONGEST_PART = 30  # a file's name may have 255 bytes, three for each Chinese character


@dataclass(frozen=True)
class ImportReport:
    """What one import read, did and found.

    Parameters
    ----------
    layer
        The layer's name in the catalogue.
    file, table
        The file's name and the table (sheet, layer) inside it.
    sha256
        Of the file's bytes.
    read
        Rows of data in the file; ``accepted + refused == read``. Totals, headings and notes do
        not count.
    repaired
        Geometries that were mended.
    encoding, crs, datum
        As used; None where there was nothing to choose.
    mapping
        Which column went into which field.
    counts
        Features added, changed, removed and unchanged, from the merge plan.
    problems
        One per finding, by row.
    rejected
        Refused rows, each once, by row.
    notices
        What concerns the file as a whole.
    """

    layer: str
    file: str
    table: str
    sha256: str
    read: int
    repaired: int = 0
    encoding: str | None = None
    crs: str | None = None
    datum: str | None = None
    mapping: FieldMapping | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def refused(self) -> int:
        """Number of rows kept out."""
        return len(self.rejected)

    @property
    def accepted(self) -> int:
        """Number of rows without a reason to keep them out."""
        return self.read - self.refused

    @property
    def warned(self) -> int:
        """Number of accepted rows with at least one warning."""
        refused = {row.row for row in self.rejected}
        return len({p.row for p in self.problems if p.severity == "warn"} - refused)

    @property
    def noted(self) -> int:
        """Number of rows that are no data and were passed over."""
        return len({p.row for p in self.problems if p.severity == "note"})

    def to_rows(self, language: Language = "en") -> list[dict[str, Any]]:
        """Return the problems as plain rows.

        Parameters
        ----------
        language
            Of the messages.

        Returns
        -------
        list of dict
            ``row``, ``field``, ``value``, ``code``, ``message``, ``severity``, by row.
        """
        return [
            {
                "row": problem.row,
                "field": problem.field,
                "value": problem.value,
                "code": problem.notice.code,
                "message": problem.notice.render(language),
                "severity": problem.severity,
            }
            for problem in self.problems
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the whole report as plain values.

        Returns
        -------
        dict
            Counts, what was used, the mapping, the notices and the problems.
        """
        return {
            "layer": self.layer,
            "file": self.file,
            "table": self.table,
            "sha256": self.sha256,
            "read": self.read,
            "accepted": self.accepted,
            "refused": self.refused,
            "warned": self.warned,
            "noted": self.noted,
            "repaired": self.repaired,
            "encoding": self.encoding,
            "crs": self.crs,
            "datum": self.datum,
            "counts": dict(self.counts),
            "mapping": self.mapping.to_rows("en") if self.mapping else [],
            "notices": [notice.to_json() for notice in self.notices],
            "problems": self.to_rows("en"),
        }

    def write_report(self, folder: Path, language: Language = "zh") -> tuple[Path, ...]:
        """Write the report and, where there are any, the refused rows.

        A file of an earlier import that no longer applies is removed. A file that another program
        holds open is left alone and a numbered one is written beside it.

        Parameters
        ----------
        folder
            Made when it is not there.
        language
            Of headings and messages.

        Returns
        -------
        tuple of pathlib.Path
            What was written.

        Raises
        ------
        WriteError
            When nothing can be written there.
        """
        heads = {key: translate(text, language) for key, text in _COLUMNS.items()}
        lines = [
            {heads[key]: value for key, value in row.items()} for row in self.to_rows(language)
        ]
        for line, problem in zip(lines, self.problems, strict=True):
            line[heads["severity"]] = translate(_SEVERITIES[problem.severity], language)
        stem = self._stem()
        paths = [_write_csv(folder / f"{stem}-report.csv", list(heads.values()), lines)]
        refused_path = folder / f"{stem}-refused.csv"
        if self.rejected:
            columns, refused = _refused_lines(self.rejected, language)
            paths.append(_write_csv(refused_path, columns, refused))
        else:
            _remove(refused_path)
        return tuple(paths)

    def _stem(self) -> str:
        """Name the import, so that files and sheets of one layer do not share a report."""
        file = PurePath(self.file).stem
        parts = [self.layer, file]
        if self.table not in {"", self.layer, file}:
            parts.append(self.table)
        return "-".join(_NOT_IN_NAMES.sub("_", part)[:_LONGEST_PART] for part in parts)


def _refused_lines(
    rejected: Sequence[RejectedRow], language: Language
) -> tuple[list[str], list[dict[str, Any]]]:
    """Lay out refused rows: row number and reason first, then the file's own columns."""
    row_head = translate(N_("row in the file"), language)
    reason_head = translate(N_("reason"), language)
    columns = dict.fromkeys([row_head, reason_head])
    lines: list[dict[str, Any]] = []
    for item in rejected:
        reason = " ".join(notice.render(language) for notice in item.reasons)
        content = {str(key): value for key, value in item.content.items()}
        columns |= dict.fromkeys(content)
        lines.append({**content, row_head: item.row, reason_head: reason})
    return list(columns), lines


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:  # open in another program; the report itself tells the truth
        return


def _write_csv(path: Path, columns: list[str], lines: Iterable[Mapping[str, Any]]) -> Path:
    def write(draft: Path) -> None:
        with draft.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(lines)

    return put(path, write)
