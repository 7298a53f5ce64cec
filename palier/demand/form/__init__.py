"""Filling a demand: question by question, or as fast as a paper form can be typed, by the same rules."""
