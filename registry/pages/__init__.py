"""Pages of the citizen: the landing page, the wallet and what the wallet's shell is made of."""
