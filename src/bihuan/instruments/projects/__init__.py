"""The project file: identity, parties, money, nodes, elements, permits, months, visits, photos. Any mechanism reads it."""
