"""How a policy version comes about: written, checked, compared, tried on the whole registry, published, rolled back."""
