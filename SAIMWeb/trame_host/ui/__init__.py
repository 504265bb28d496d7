"""What the page looks like: vuetify widgets, bound to the page's state."""
