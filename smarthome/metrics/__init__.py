"""Truth and answers in, figures out: known formulas from known libraries (extra `evaluate`)."""
