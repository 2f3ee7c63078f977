"""Long work in the worker: tasks that outlive the worker that began them, and searches that somebody watches."""
