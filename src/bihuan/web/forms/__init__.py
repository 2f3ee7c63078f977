"""Forms: what people type, checked for shape. Whether it may be done is decided elsewhere."""
