"""What happens: verbs over stack updates, and one module for each outside system."""
