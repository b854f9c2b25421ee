"""What a run's processes, their machine and its GPUs use; imported only where that is asked for."""
