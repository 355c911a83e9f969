"""What depends on a language: stop words (one file each) and the cutting of Chinese into words."""
