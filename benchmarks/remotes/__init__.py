"""Sharing results beside computing them."""
