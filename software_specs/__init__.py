"""Specs: one folder a software, and the catalog that finds them."""
