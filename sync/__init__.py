"""What both ends must agree on: the merge, the record types, the wire. No I/O, no clock, no chance."""
