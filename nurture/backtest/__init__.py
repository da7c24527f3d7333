"""`nurture backtest`: what other rules would have made of the people of the past."""
