"""Records of a log, such as Kafka: one record is one row."""
