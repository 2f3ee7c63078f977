"""Letters, assessment, measures, commendation, the year."""
