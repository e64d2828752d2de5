"""What is seen at a door becomes rows, once each: from scanners, single requests, posters, lists on paper."""
