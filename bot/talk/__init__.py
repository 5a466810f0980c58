"""The words of the domain: frozen values without behaviour that does I/O. Nothing here imports a library."""
