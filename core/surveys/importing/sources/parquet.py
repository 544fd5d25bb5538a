"""Parquet files, read in batches of the columns that are used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import InputError, said
from core.surveys.importing.sources.source import ROWS, Chunked


class ParquetFile(Chunked):
    """A ``.parquet`` file."""

    form = "Parquet"

    def __init__(self, path: Path) -> None:
        from pyarrow import parquet

        try:
            self._file = parquet.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
        self.names = list(self._file.schema_arrow.names)

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """See :class:`Chunked`."""
        done, rows = 0, max(self._file.metadata.num_rows, 1)
        try:
            for batch in self._file.iter_batches(ROWS, columns=list(columns)):
                done += batch.num_rows
                yield {name: batch.column(name).to_pandas() for name in columns}, done / rows
        except (OSError, pa.ArrowException) as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
