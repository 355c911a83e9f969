"""Finding a Java that Spark can run on."""
