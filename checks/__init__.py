"""What can be seen to be wrong before an update: questions to GitHub that change nothing."""
