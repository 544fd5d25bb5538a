"""Reading answers back: from a written answer to an option, a refusal, or neither."""
