"""Assessment: schemes, facts from the record, running scores, self-review, results, appeals. Any mechanism brings its metrics."""
