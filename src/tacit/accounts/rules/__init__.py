"""What is decided about people, without a row or a clock."""
