"""Posters at the door: a venue's signed code, by which guests check in with their own phone, and the paper it is on."""
