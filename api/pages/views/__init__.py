"""What stands on a page: pure functions from the JSON documents to rows, bars, figures and addresses."""
