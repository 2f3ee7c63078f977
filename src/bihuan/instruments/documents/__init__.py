"""Official papers: templates that the office edits in Word, drafts filled from the data, issued by a named person."""
