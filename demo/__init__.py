"""A demo company worth looking at: Norrvik Instruments, its customers, its KPIs and its troubles.

Tables first: ``people``, ``library``, ``reasons``, ``behaviour`` and ``aims`` say in numbers who works
there, what is measured and why, how customers behave and what was agreed to; ``questions`` what polls
asked; ``undertakings``, ``remarks``, ``pains`` and ``promises`` what is done about it, said, suffered
and promised. ``timeline``, ``dice``,
``population`` and ``measuring`` turn them into customers and facts; ``agreeing`` into targets,
``courses`` into initiatives. ``founding`` writes all of it (``filing``, ``registering``, ``remarking``
and ``polling`` its parts), ``emptying`` takes it away. The stories to find are told in
docs/demo.md.
"""
