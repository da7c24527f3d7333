"""The bundled plugins: each is what a third party would write, and imports nothing but `nurture`."""
