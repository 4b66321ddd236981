"""Payments that a bank takes back on its customer's word: what was withdrawn, the team's answer, how it ended."""
