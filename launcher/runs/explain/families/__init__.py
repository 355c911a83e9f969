"""The causes, one file a family; within a family the narrower ones come first."""
