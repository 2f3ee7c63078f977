"""The record: ledger, receipts, what is proven, audit, late entries."""
