"""Once a month: due dates without a peak, reminders, and outages in which nobody is turned away."""
