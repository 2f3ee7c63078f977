"""Meetings: agenda, invitations, the day itself."""
