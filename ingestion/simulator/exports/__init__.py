"""The exports: what each system writes at night about what happened, in its own shape."""
