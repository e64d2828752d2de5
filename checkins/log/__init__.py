"""The days of the log: made ahead as partitions, looked over, destroyed on time and kept out after a restore."""
