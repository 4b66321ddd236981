"""Comparing our books with the processor's, day by day."""
