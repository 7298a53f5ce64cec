"""Pieces: the limitative list, what was asked, received and checked, and the files (R441-2-4-1)."""
