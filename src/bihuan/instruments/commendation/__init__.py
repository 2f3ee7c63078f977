"""Commendation: nominated from below, eligible by the record, two reviews and three public notices, approved by a named person."""
