"""SMS: the outbox (`outbox`), the providers it goes through (`gateways`), and one to try it with (`simulator`)."""
