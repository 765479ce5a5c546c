"""For instructors: assign the exercises of the lessons, collect what a class hands in, grade it, report the results."""
