"""What several source modules of one vendor say alike; a module of one system needs none."""
