"""Meetings: agenda, venues, invitations, sign-in, decisions that become matters. Every mechanism meets."""
