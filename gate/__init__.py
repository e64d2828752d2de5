"""Who gets in when it is crowded: traffic classes and the waiting room. Knows nothing of what it guards."""
