"""Other people's software doing the same work, each in a process of its own."""
