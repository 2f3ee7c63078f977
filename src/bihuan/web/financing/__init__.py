"""The white list: files, pushes, lead banks, lists, signing."""
