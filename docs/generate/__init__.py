"""Pages that are made from the program, so that they can't say anything else: `make docs`."""
