"""Checks as a way to pay: deposits that tie out, matching, the bank's files, and what a person decides."""
