"""What earlier runs teach: replay, prediction, choice. Functions of data alone."""
