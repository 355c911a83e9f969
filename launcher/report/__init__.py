"""What a run cost and why, for people: findings, pictures, one page. Functions of data alone."""
