"""Contact tracing: asked by one investigator, granted by a second, found in the background, seen by the two for a
time."""
