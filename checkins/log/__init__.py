"""The rows of the log: days as partitions, written exactly once, taken back, looked over, destroyed on time."""
