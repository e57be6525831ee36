"""What the reports keep of their own."""

from reports.models.exports import Export, ExportRun, ExportSchedule
from reports.models.receipt import ArchiveReceipt

__all__ = ["ArchiveReceipt", "Export", "ExportRun", "ExportSchedule"]
