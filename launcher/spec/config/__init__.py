"""Reading configuration: cluster profiles, job files, properties files, spark-submit's flags."""
