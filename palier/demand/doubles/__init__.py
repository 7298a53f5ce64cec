"""People who may be one: the list to work through, the two side by side, and what is decided of them."""
