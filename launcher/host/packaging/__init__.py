"""What a bare spark-submit needs: one zip, one main file, perhaps an archive of the Python environment."""
