"""Import of demands exported from the national system (SNE) as CSV, whatever its columns."""
