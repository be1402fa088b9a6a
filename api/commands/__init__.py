"""The verbs of the command line, one module a theme; `api/cli.py` names them and turns refusals into exit codes."""
