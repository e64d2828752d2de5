"""Partners with a key of their own: who they are by it, and the apps that show the pass, with places and quotas."""
