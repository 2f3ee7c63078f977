"""Projects and premises: what everything hangs on."""
