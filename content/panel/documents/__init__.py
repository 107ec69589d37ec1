"""The forms of everything that is no answer: cards, paths, offices, hours and the rest."""
