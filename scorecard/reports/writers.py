"""Which forms a pack is written in: each takes the pack and the paper, and answers the file's bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scorecard.choices import ReportFormat
from scorecard.reports.pack import Pack
from scorecard.reports.pdf import write_pdf
from scorecard.reports.plain import write_csv, write_json
from scorecard.reports.pptx import write_pptx
from scorecard.reports.xlsx import write_xlsx

WRITERS: Mapping[ReportFormat, Callable[[Pack, str], bytes]] = {
    ReportFormat.PDF: write_pdf,
    ReportFormat.XLSX: write_xlsx,
    ReportFormat.PPTX: write_pptx,
    ReportFormat.CSV: write_csv,
    ReportFormat.JSON: write_json,
}
