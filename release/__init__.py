"""What happens: verbs over stack updates. Here a run's own course; each folder answers one question."""
