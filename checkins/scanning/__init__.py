"""What is seen at a door becomes entries: from scanners, single requests, posters, lists on paper, safe numbers."""
