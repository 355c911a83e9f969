"""Event logs that lie elsewhere: HDFS by WebHDFS, object stores by Arrow."""
