"""How a stream stands, told from its checkpoint and its tables alone, without a JVM."""
