"""The provider's side: rules, books, HTTP, webhooks and the buyer's page. No Django."""
