# Recipes for those who work on the code; `just` alone lists them.
default:
    @just --list

# format, lint, types, import rules, fast tests (under a minute)
check:
    .venv/bin/ruff format .
    script/check
    .venv/bin/pytest -q -n auto -m "not slow and not browser" tests/unit tests/contract tests/api

# everything
test:
    script/test

# the synthetic city with both answers, served
demo *ARGS:
    script/demo {{ARGS}}

# exact versions into constraints.txt
lock:
    .venv/bin/python -m pip freeze --all --exclude-editable | sort -f > constraints.txt
