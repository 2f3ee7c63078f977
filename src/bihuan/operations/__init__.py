"""What keeps an installation sound: the nightly proof, health, and what the administrators are told."""
