"""Legal procedures beside the loop: which step follows which, within what time, by whom, and what was recorded of it."""
