"""Money that goes back to companies: asked for, allowed, sent, and followed until it arrived or came back to us."""
