"""Fixtures shared by every context. Each test asks for exactly what it needs."""
