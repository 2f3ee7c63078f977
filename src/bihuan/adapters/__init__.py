"""One folder for each outside thing, one small interface each."""
