"""What was entered late, and the second person who says whether it counts. Abstract: each table of records has the columns."""
