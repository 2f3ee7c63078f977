"""Pages (htmx). No rules in them."""
