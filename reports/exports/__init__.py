"""Exports: tables of the record, taken in one snapshot, written in the form that their reader needs."""
