"""The board pack: one plain value of a period (``pack``), and a writer for each form in which it leaves the house."""
