"""The endpoints, by who they are for."""
