"""Pure Python: working days, clocks, the loop, events and the hash chain. Reaches no Django."""
