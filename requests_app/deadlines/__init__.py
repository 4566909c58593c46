"""When an answer is due: pure functions and the table of the laws' periods, without Django."""
