"""Files by SHA-256: staged uploads, type checks, guarded download."""
