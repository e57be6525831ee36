"""What the reports keep of their own."""

from reports.models.receipt import ArchiveReceipt

__all__ = ["ArchiveReceipt"]
