"""Published versions of champions: where they came from, which is in service, who decided why."""
