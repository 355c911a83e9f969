"""What a stream reads from: each source behind one protocol (``source.StreamSource``)."""
