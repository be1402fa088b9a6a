"""The rooms of the synthetic city: vocabulary, organisations, people, needs, market. See `loaders.synthetic_city`."""
