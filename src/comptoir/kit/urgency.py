"""What somebody waits for goes before what is done in bulk: by a job's priority, and by the listener of an event."""

# The priority of a job that a person, or a program of a vendor, waits for, and of all others.
AT_ONCE = 10
IN_BULK = 0
