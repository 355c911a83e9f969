"""Side by side with peers: own process per engine, interleaved, results checked, losses shown."""
