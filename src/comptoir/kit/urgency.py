"""What somebody waits for goes before what is done in bulk: by a job's priority, and by the listener of an event."""

# The priority of a job that a person, or a program of a vendor, waits for. Others have 0.
AT_ONCE = 10
