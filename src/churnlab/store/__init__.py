"""The feature store: what is served, under which version, offline for training and online.

The `store` stage writes rows and views, the same bytes for everybody. `churnlab store` registers
them in Feast, under pseudonyms where the study asks for them, and fills the online store.
"""
