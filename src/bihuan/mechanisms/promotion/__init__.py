"""Key-project promotion: lights, monthly reports, what a meeting takes up, scores, the second look."""
