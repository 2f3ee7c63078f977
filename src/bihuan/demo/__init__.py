"""The demonstration district: one invented year of work, driven through the real services."""
