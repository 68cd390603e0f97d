"""What is said, to whom and how: screen, pages, messages; and what must never be said."""
