"""Legal courses: their steps and complaints."""
