"""How Comptoir looks: one stylesheet, page shells and components. No models, no rules."""
