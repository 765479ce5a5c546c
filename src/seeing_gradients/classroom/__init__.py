"""For instructors: assign the exercises of the lessons, collect and grade submissions, report the results."""
