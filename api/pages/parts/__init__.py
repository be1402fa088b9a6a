"""What several pages share: words, figures, addresses, tables, drawings, fields of forms, orders of names."""
