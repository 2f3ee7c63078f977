"""Projects and premises: their files, figures, records, demands by link."""
