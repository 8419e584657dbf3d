"""Measurements: of speed against other engines, and of what is understood against the truth."""
