"""What the managers answer, read without asking anybody: bytes in, sightings out. Pure."""
