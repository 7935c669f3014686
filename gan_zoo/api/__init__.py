"""What a program or a notebook calls; `import gan_zoo` offers it, and torch waits until it is needed."""
