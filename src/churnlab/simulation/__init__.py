"""Made-up marketplaces of any size, of which the truth is known."""
