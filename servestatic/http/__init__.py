"""What does HTTP answer? Pure functions over values: nothing here opens, awaits, logs or raises."""
