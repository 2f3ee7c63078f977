"""Accountability as human acts: interview, circular, list to put right; with approver, basis, and the right to object."""
