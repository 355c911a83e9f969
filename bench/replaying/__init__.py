"""How near the replay comes: recorded runs, cases by hand, made-up clusters whose truth is known."""
