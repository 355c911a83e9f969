"""What Spark itself wrote down about a run."""
