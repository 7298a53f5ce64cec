"""A whole stock of demands scored at once: the same grid as `engine`, the same points, no loop over demands.

`planner` reads a grid for one day; `flat` turns demands into columns; `kernels` scores columns with NumPy; `sql` writes
one SELECT for SQLite or PostgreSQL. Nothing here is imported when Palier starts.
"""
