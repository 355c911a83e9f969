"""The class-data archive: the JVM starts from classes that are loaded and checked already."""
