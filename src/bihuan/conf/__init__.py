"""Settings by environment, urls, wsgi."""
