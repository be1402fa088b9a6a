"""Operations on the files of an embedded store: copies, checks, steps between formats, forgetting."""
