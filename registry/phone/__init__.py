"""Whose a phone number is: proven by a code, within limits; claimed, given back, replaced by a safe number."""
