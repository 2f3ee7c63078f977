"""Planning: who visits what and when. Pure; OR-Tools does the search."""
