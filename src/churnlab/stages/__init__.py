"""One thin module per DVC stage: read declared inputs, call the library, write declared outputs."""
