"""Who may open what, and what is said of whom."""
