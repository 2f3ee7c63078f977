"""What every room of pages stands on: frame, pieces, fields, form page, files, errors, exports, charts."""
