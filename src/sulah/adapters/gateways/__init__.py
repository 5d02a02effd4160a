"""Payment gateways; only payment acts may import them."""
