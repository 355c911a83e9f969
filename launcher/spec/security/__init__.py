"""What ``secure: true`` in a cluster profile means, and where its secret comes from."""
