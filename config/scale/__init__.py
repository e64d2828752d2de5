"""A registry at the size of a country's: made up by the row and written by COPY, for benches and a look."""
