"""The scanner page: an installable shell that starts and works without a server. Nothing here reads the database."""
