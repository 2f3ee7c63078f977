"""Units, territories, people and posts, kinds, calendars."""
