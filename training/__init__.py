"""The student's lessons: recorded episodes become a data set, and a data set a student."""
