"""Files of subjects: what a project or premises is, and since when, as events of its own stream."""
