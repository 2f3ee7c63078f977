"""Who sees what: territory × sector × role × confidentiality."""
