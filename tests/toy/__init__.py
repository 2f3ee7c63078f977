"""A mechanism of one folder, as somebody would write a fifth one: nothing elsewhere names it."""
