"""The list of demands: its filters, and the export of what they keep."""
