"""Independent readers and rules: programs that share no code with cimlib."""
