"""Pictures as SVG: drawn here, so that they print and need no script."""
