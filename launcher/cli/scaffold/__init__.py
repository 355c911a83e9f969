"""A new project of jobs, made from the template."""
