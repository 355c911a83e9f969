"""The rules, one file a topic; ``table.RULES`` holds them all."""
