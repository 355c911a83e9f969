"""``sparkjob doctor``: facts are gathered in one place, judged by pure functions."""
