"""What every mechanism stands on. It knows none of them."""
