"""A project's way through approvals: which apply and why, in which order, until when. Pure."""
