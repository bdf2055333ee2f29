"""The drills: a file for each promise. Its docstring is the promise; `run` tries to break it and says what it found."""
