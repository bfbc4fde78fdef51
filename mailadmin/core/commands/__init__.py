"""The base of the command line: `manage.py NOUN VERB NAME [options]`.

A command translates what was typed, calls one operation as Actor.cli(), and prints the row: no rule is kept here.
"""
