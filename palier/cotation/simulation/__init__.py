"""« Et si la grille changeait ? »: a draft replayed on a stock of demands, before the assembly votes.

`statistics` are pure functions on arrays, `variants` the grids with one change, `rules` the whole of a trial. Nothing
here is imported when Palier starts but the views, which load NumPy when a trial is asked for.
"""
