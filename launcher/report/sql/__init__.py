"""What the plans of SQL queries and their metrics tell: files, scans, broadcasts."""
