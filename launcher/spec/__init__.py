"""What the user asks for and where it may run: plain data, read by ``launcher.config``, used by the plan."""
