"""What checkout speaks with: carts, orders, payments, and the two ports it calls."""
