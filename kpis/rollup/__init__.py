"""From facts to month cells to period cells.

``runs`` begins, carries on and ends a run; ``staging`` computes its parts from the facts,
``distinct`` those that count different customers over several months, by what ``reading`` shares;
``publishing`` makes them visible in one transaction.
"""
