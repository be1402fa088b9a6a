"""The planner's indicators: demand and supply, alignment of majors, what-if; sums only, never persons."""
