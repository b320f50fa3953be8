"""A demo company worth looking at: Norrvik Instruments, its customers, its KPIs and its troubles.

Tables first: ``people``, ``library``, ``behaviour`` and ``aims`` say in numbers who works there,
what is measured, how customers behave and what was agreed to; ``undertakings``, ``remarks``, ``pains``
and ``promises`` what is done about it, said, suffered and promised. ``timeline``, ``dice``,
``population`` and ``measuring`` turn them into customers and facts; ``agreeing`` into targets,
``courses`` into initiatives. ``founding`` writes all of it (``filing``, ``registering`` and ``remarking``
its parts), ``emptying`` takes it away. The stories to find are told in
docs/demo.md.
"""
