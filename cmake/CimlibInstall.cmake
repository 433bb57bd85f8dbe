# Filled in with the first installable target.
