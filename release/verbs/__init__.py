"""What the driver can be told to do, a verb a file."""
