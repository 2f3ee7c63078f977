"""Fire safety: duties by period, inspections, hazards and their legal course, complaints, blind spots, plans, campaigns."""
