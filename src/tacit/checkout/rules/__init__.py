"""Pure decisions of checkout: prices, what may be typed, which moves an order and a payment may make."""
