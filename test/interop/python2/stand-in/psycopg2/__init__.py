"""Imported by the published client, and needed only by its daemon. This stands in for it."""
