"""Units, posts, people, kinds: administered by three separated administrators, each act an event."""
