"""The public web: tracked links, pixels, unsubscribing, forms, and sales' answers."""
