"""What this machine has and brings along: Java, jars, a quick start, packages, the doctor."""
