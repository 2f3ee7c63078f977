"""Working-day notices as data, provisional years, local closures."""
