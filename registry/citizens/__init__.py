"""People and what is held about them: by clerks, by themselves, and the way out."""
