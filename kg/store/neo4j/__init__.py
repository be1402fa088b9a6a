"""Graph store and ledger on a Neo4j server."""
