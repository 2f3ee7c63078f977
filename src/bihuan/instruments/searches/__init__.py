"""Searches for something better that somebody watches and may stop. Abstract: each instrument or mechanism has its own table."""
