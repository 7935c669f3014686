"""The benchmark: methods against mode collapse, tuned alike, compared over seeds on suites of data."""
