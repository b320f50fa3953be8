"""KPIs, targets and actuals as the API answers and takes them."""
