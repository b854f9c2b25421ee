"""Callbacks for training libraries. Each module imports its library when it is imported itself."""
