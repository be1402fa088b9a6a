"""Request and answer shapes of the HTTP interface (OpenAPI)."""
