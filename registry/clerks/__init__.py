"""Clerks: what each role may do, the second factor, the lock after wrong passwords."""
