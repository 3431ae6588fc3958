"""The student's lessons come here; there are none yet."""
