"""Where a demand stands among analogous ones, and how long others waited (R441-2-17). Aids to understand, no rank.

`rules` decides what may be shown; `cells` counts a whole stock; `selectors` reads one group; `files` brings the
attributions observed. Nothing here imports NumPy when Palier starts.
"""
