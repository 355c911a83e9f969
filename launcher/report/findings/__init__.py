"""What cost a run time: one small function a finding."""
