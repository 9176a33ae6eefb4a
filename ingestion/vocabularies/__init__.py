"""What source modules of one vendor or standard say alike; a system with one module needs none."""
